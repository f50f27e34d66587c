export const images = { engine: 'pondpilot-test/engine', proxy: 'pondpilot-test/proxy' };
