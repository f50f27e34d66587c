// Which way imports may go: apps to features and adapters, those to ports, ports to the kernel; never back, never
// sideways. `npm run check` runs it.

/** What each room may know of the others, besides itself. */
const mayKnow = {
  kernel: [],
  config: ['kernel'],
  observability: ['kernel', 'config'],
  auth: ['kernel', 'config', 'observability'],
  'engine-api': ['kernel'],
  orchestrator: ['kernel', 'config', 'observability', 'engine-api'],
  'flight-sql': ['kernel'],
  duckdb: ['kernel'],
  health: ['kernel', 'config', 'orchestrator'],
  testing: ['kernel', 'config', 'engine-api', 'orchestrator'],
};

/** Rooms that specs may use besides. */
const forSpecs = ['testing'];

const appsMayKnow = {
  proxy: ['kernel', 'config', 'observability', 'auth', 'engine-api', 'orchestrator', 'flight-sql', 'health'],
  engine: ['kernel', 'flight-sql', 'duckdb', 'engine-api'],
};

/** Doors of a room that are open to one that may not know the rest of it. */
const doors = { proxy: ['^libs/duckdb/src/library-path\\.ts$'] };

const spec = '\\.(spec|contract|harness|e2e|long)\\.ts$';
const oneOf = (names) => `^libs/(${names.join('|')})/`;

const rooms = [
  ...Object.entries(mayKnow).map(([name, known]) => ({
    name,
    folder: `libs/${name}`,
    known: [name, ...known],
  })),
  ...Object.entries(appsMayKnow).map(([name, known]) => ({ name, folder: `apps/${name}`, known })),
];

const directions = rooms.flatMap(({ name, folder, known }) => [
  {
    name: `${name}-knows-too-much`,
    comment: `${folder} may know ${known.filter((other) => other !== name).join(', ') || 'no other lib'}.`,
    severity: 'error',
    from: { path: `^${folder}/`, pathNot: spec },
    to: { path: '^libs/', pathNot: [oneOf(known), ...(doors[name] ?? [])] },
  },
  {
    name: `${name}-specs-know-too-much`,
    comment: `Specs of ${folder} may know what it knows, and testing.`,
    severity: 'error',
    from: { path: `^${folder}/.*${spec}` },
    to: { path: '^libs/', pathNot: oneOf([...known, ...forSpecs]) },
  },
]);

/** Only this place may import these packages. */
const only = (name, packages, place) => ({
  name,
  comment: `${packages} belong to ${place} alone.`,
  severity: 'error',
  from: { path: '^(apps|libs)/', pathNot: `^${place}/` },
  to: { path: `(^|node_modules/)(${packages})(/|$)` },
});

module.exports = {
  forbidden: [
    ...directions,
    {
      name: 'room-without-rule',
      comment: 'A new lib or app states in .dependency-cruiser.cjs what it may know.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: `^(${rooms.map(({ folder }) => folder).join('|')})/` },
      to: {},
    },
    {
      name: 'no-lib-knows-an-app',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'no-app-knows-another',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'no-cycle',
      comment: 'Two modules that import each other: take out what both need.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-import-past-the-index',
      comment:
        "From outside a lib is known by its index.ts, or by a subpath that its package.json's exports names.",
      severity: 'error',
      from: { path: '^(libs|apps)/([^/]+)/' },
      to: {
        path: '^libs/',
        pathNot: [
          '^$1/$2/',
          '^libs/[^/]+/src/index\\.ts$',
          '^libs/engine-api/src/launch\\.ts$',
          '^libs/flight-sql/src/forwarder/index\\.ts$',
          '^libs/orchestrator/src/providers/docker/index\\.ts$',
          '^libs/duckdb/src/(library-path|start-thread)\\.ts$',
        ],
      },
    },
    {
      name: 'no-index-from-inside',
      comment: 'Within a lib import the file itself: the index is for others.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/', pathNot: spec },
      to: { path: '^libs/$1/src/index\\.ts$' },
    },
    {
      name: 'product-does-not-know-its-tests',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [spec, '^libs/testing/'] },
      to: { path: [spec, '^(test|bench)/', '^libs/testing/'] },
    },
    only('only-duckdb-calls-duckdb', '@duckdb', 'libs/duckdb'),
    only('native-calls-have-their-places', 'koffi', '(libs/duckdb|apps/engine/src/sandbox)'),
    only('only-the-docker-provider-calls-docker', 'dockerode', 'libs/orchestrator/src/providers/docker'),
    only(
      'only-the-kubernetes-provider-calls-kubernetes',
      '@kubernetes',
      'libs/orchestrator/src/providers/kubernetes',
    ),
    {
      name: 'plain-code-knows-no-nest',
      comment: 'The kernel, the protocol, DuckDB and the engine are plain TypeScript.',
      severity: 'error',
      from: { path: '^(libs/(kernel|engine-api|flight-sql|duckdb)|apps/engine)/' },
      to: { path: '(^|node_modules/)@nestjs/' },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-packages-in-the-product',
      severity: 'error',
      from: { path: '^(apps|libs)/[^/]+/src/', pathNot: [spec, '^libs/testing/'] },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.spec.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
    },
  },
};
