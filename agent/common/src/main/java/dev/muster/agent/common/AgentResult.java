package dev.muster.agent.common;

/** How an agent's life ended, and so which exit code it leaves. */
public sealed interface AgentResult {
  int exitCode();

  String message();

  /** The job ran and was reported, or at least tried to be. */
  record JobDone(String message) implements AgentResult {
    @Override
    public int exitCode() {
      return 0;
    }
  }

  /** Told to stop, no longer known, or at the hard deadline, without a job. */
  record Stopped(String message) implements AgentResult {
    @Override
    public int exitCode() {
      return 0;
    }
  }

  /** The appliance has not been reachable for too long. */
  record GaveUp(String message) implements AgentResult {
    @Override
    public int exitCode() {
      return 0;
    }
  }

  /** The appliance refused the enrolment. */
  record Rejected(String message) implements AgentResult {
    @Override
    public int exitCode() {
      return 1;
    }
  }

  /** Neither a launch secret nor a session: there is nothing to enrol with. */
  record NoCredential(String message) implements AgentResult {
    @Override
    public int exitCode() {
      return 2;
    }
  }
}
