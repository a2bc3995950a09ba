export const title="Ойын";
