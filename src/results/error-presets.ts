/** What the codes of well-known interfaces mean, to be laid over the shipped ones for a gateway: their numbers collide with each other. */

export interface Preset {
  name: string;
  words: string;
  /** Class -> codes. */
  codes: Record<string, readonly string[]>;
}

export const PRESETS: readonly Preset[] = [
  {
    name: "smpp",
    words: "SMPP 3.4 command_status",
    codes: {
      invalid_number: ["0x0000000b"],
      sender_rejected: ["0x0000000a"],
      unroutable: ["0x00000045"],
      network: ["0x00000008", "0x00000064"],
      throttled: ["0x00000058", "0x00000014"],
      account: ["0x0000000d", "0x0000000e", "0x0000000f"],
    },
  },
  {
    name: "http",
    words: "HTTP status of the gateway's API",
    codes: {
      account: ["401", "402", "403"],
      unroutable: ["404"],
      network: ["408", "500", "502", "503", "504"],
      throttled: ["429"],
    },
  },
  {
    name: "vonage",
    words: "Vonage SMS err-code",
    codes: {
      network: ["1", "8", "99"],
      absent: ["2", "7"],
      invalid_number: ["3", "12"],
      barred: ["4", "13", "14", "15"],
      unroutable: ["5", "11"],
      filtered_content: ["6", "10", "52"],
      opted_out: ["9", "53"],
      sender_rejected: ["50", "51"],
    },
  },
  {
    name: "infobip",
    words: "Infobip error id",
    codes: {
      invalid_number: ["1", "9", "351", "3041"],
      absent: ["5", "6", "27"],
      handset_full: ["12", "32"],
      barred: ["13", "2050", "2052"],
      opted_out: ["603"],
      filtered_content: ["561", "607"],
      sender_rejected: ["2053"],
      network: ["31", "33", "34", "35", "36"],
      throttled: ["541", "542", "4202"],
      fraud_block: ["608"],
    },
  },
  {
    name: "twilio",
    words: "Twilio error code",
    codes: {
      invalid_number: ["21211", "21614", "30005", "30006"],
      absent: ["30003"],
      barred: ["30004"],
      opted_out: ["21610"],
      filtered_content: ["30007"],
      sender_rejected: ["21606", "30034"],
      unroutable: ["21408"],
      network: ["30008"],
      throttled: ["20429", "21611", "30001"],
      account: ["20003", "30002"],
      fraud_block: ["30450"],
      expired: ["30036"],
    },
  },
];
