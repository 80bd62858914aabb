package dev.muster.agent.protocol;

/** What an agent reports about. */
public enum Phase {
  /** Enrolled and waiting for an assignment; not registered with GitHub. */
  READY,
  /** The assignment arrived; the session is forgotten and the command about to start. */
  STARTING,
  /** The command's process is there. */
  RUNNING,
  /** Still there. */
  HEARTBEAT,
  /** Worth knowing, in {@link Report#detail}; nothing changes by it. */
  NOTICE,
  /** The command ended by itself, with {@link Report#exitCode}. */
  FINISHED,
  /** The command could not be started, or the agent could not go on. */
  FAILED,
  /** The agent is ending the command: told to, or past a deadline. {@link Report#detail} says. */
  STOPPING,
  /**
   * The machine is being taken away (spot interruption, shutdown). A job that runs goes on until
   * shortly before.
   */
  INTERRUPTED
}
