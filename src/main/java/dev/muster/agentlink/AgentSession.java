package dev.muster.agentlink;

/**
 * Who speaks, after its credential was checked.
 *
 * @param runner the runner's id
 * @param scope what the credential allows
 */
public record AgentSession(String runner, Scope scope) {
  /** What a credential allows. */
  public enum Scope {
    /** Polling and reporting, before a job's code runs beside the agent. */
    FULL,
    /** Reporting alone, from the assignment on. */
    REPORT
  }
}
