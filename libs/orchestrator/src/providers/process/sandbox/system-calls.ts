/** Numbers of a system call on x86-64 and on arm64 (linux/unistd.h); undefined where there is none. */
export type CallNumbers = readonly [x64: number | undefined, arm64: number | undefined];

/** What no engine needs, and what has been a way into kernels or to others' files. */
export const REFUSED_CALLS: Readonly<Record<string, CallNumbers>> = {
  // Processes; threads are made by clone, which is looked at more closely. Programs are Landlock's: Node is started yet.
  fork: [57, undefined],
  vfork: [58, undefined],
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  pidfd_send_signal: [424, 424],
  pidfd_getfd: [438, 438],
  personality: [135, 92],
  // Namespaces and mounts.
  unshare: [272, 97],
  setns: [308, 268],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  // Large parts of the kernel that are seldom used without privileges.
  // It also runs calls behind the filter's back. Node does without where it finds it refused.
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  fanotify_init: [300, 262],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  vmsplice: [278, 75],
  modify_ldt: [154, undefined],
  // Owners, permissions and attributes of files, which Landlock does not hold back.
  chmod: [90, undefined],
  fchmod: [91, 52],
  fchmodat: [268, 53],
  fchmodat2: [452, 452],
  chown: [92, undefined],
  fchown: [93, 55],
  lchown: [94, undefined],
  fchownat: [260, 54],
  setxattr: [188, 5],
  lsetxattr: [189, 6],
  fsetxattr: [190, 7],
  mknod: [133, undefined],
  mknodat: [259, 33],
};

export const CLONE: CallNumbers = [56, 220];
export const CLONE3: CallNumbers = [435, 435];
export const SOCKET: CallNumbers = [41, 198];
/** What the first stage itself calls. */
export const OPENAT: CallNumbers = [257, 56];
export const PRCTL: CallNumbers = [157, 167];
