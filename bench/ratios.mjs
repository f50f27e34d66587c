/** A value of each round of one target, for those rounds that have it. */
export const values = (rounds, target, key) => rounds.map((round) => round[target][key]);

/** A value of each round, of what the C++ server had in the same round. */
export function ratios(rounds, target, key) {
  return rounds.map((round) => round[target][key] / round.peer[key]);
}

/** CPU seconds of one server's process for each GB (10^9 bytes of Arrow data) that was read of it. */
export function cpuPerGb(scenarios, results, target) {
  const all = scenarios.flatMap(({ name }) => results[name]).map((round) => round[target]);
  const sum = (key) => all.reduce((total, each) => total + each[key], 0);
  return sum('cpu') / (sum('bytes') / 1e9);
}
