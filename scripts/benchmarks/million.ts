export function fillStore(_dataDir: string, _messages: number): void {}
