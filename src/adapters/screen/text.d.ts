declare module "*.sh" {
  const text: string;
  export default text;
}
declare module "*/screenrc" {
  const text: string;
  export default text;
}
