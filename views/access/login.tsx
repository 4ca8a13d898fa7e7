/** The forms before the board: log in, and the first admin's set-up. They work without JavaScript. */

export interface LoginFormProps {
  username: string;
  /** Where to go on to. */
  next: string;
  /** Why the last try failed, or null. */
  error: string | null;
  /** There is no user yet: say how the first one comes to be. */
  unused: boolean;
}

export function LoginForm(props: LoginFormProps) {
  return (
    <section class="login">
      <h1>Log in</h1>
      {props.unused && (
        <p class="notice">
          There is no user yet. Open the set-up link that Signalbox printed when it started, or run{" "}
          <code>signalbox user add NAME --role admin</code> on its machine.
        </p>
      )}
      <form class="login-form" method="post" action="/login">
        <Refused error={props.error} />
        <input type="hidden" name="next" value={props.next} />
        <Field name="username" label="Name" value={props.username} autocomplete="username" focus={props.username === ""} />
        <Field name="password" label="Password" secret autocomplete="current-password" focus={props.username !== ""} />
        <button type="submit" class="button">
          Log in
        </button>
      </form>
    </section>
  );
}

export interface SetupFormProps {
  token: string;
  name: string;
  /** What is wrong, by field. */
  errors: Record<string, string>;
  /** What is wrong with the whole, or null. */
  error: string | null;
}

export function SetupForm(props: SetupFormProps) {
  return (
    <section class="login">
      <h1>Set up</h1>
      <p>Make the first admin. Everybody else is added by an admin later.</p>
      <form class="login-form" method="post" action="/setup">
        <Refused error={props.error} />
        <input type="hidden" name="token" value={props.token} />
        <Field name="name" label="Name" value={props.name} error={props.errors.name} autocomplete="username" focus />
        <Field
          name="password"
          label="Password"
          secret
          error={props.errors.password}
          hint="At least 10 characters; a few words are better than a few signs"
          autocomplete="new-password"
        />
        <Field name="again" label="Password again" secret error={props.errors.again} autocomplete="new-password" />
        <button type="submit" class="button">
          Make this admin
        </button>
      </form>
    </section>
  );
}

interface FieldProps {
  name: string;
  label: string;
  value?: string;
  secret?: boolean;
  error?: string;
  hint?: string;
  autocomplete: string;
  focus?: boolean;
}

function Field(props: FieldProps) {
  const { name, error, hint } = props;
  const describedBy = [error && `${name}-error`, hint && `${name}-hint`].filter(Boolean).join(" ");
  return (
    <div class={error ? "field wrong" : "field"}>
      <label for={name}>{props.label}</label>
      <input
        type={props.secret ? "password" : "text"}
        id={name}
        name={name}
        value={props.value}
        required
        autocomplete={props.autocomplete}
        autocapitalize="none"
        spellcheck={false}
        autofocus={props.focus}
        aria-invalid={error ? "true" : undefined}
        aria-describedby={describedBy || undefined}
      />
      {error && (
        <p class="error" id={`${name}-error`}>
          {error}
        </p>
      )}
      {hint && (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

function Refused({ error }: { error: string | null }) {
  if (error === null) return null;
  return (
    <p class="notice stop" role="alert">
      {error}
    </p>
  );
}
