package dev.muster.fleet.github;

/** What GitHub is asked for: in words for messages, and how it yields when requests are scarce. */
public enum Operation {
  FIND_INSTALLATION("find the App's installation", false),
  GET_TOKEN("get an installation's token", false),
  REGISTER_RUNNER("register a runner", false),
  LIST_RUNNERS("list the runners", false),
  REMOVE_RUNNER("remove a runner", false),
  LIST_GROUPS("list the runner groups", false),
  READ_JOB("read a job", false),
  READ_RUN("read a run", false),
  RERUN("rerun", false),
  CANCEL("cancel a run", false),
  READ_REPOSITORY("read a repository", false),
  READ_WORKFLOW("look for a workflow", false),
  DISPATCH("dispatch a workflow", false),
  REPORT_JOB("report a rejected job as a check", true),
  READ_APP("read the App", false),
  READ_HOOK("read the App's webhook", false),
  CREATE_APP("take over the App's credentials", false),
  LIST_DELIVERIES("list webhook deliveries", true),
  READ_DELIVERY("read a webhook delivery", true),
  SCAN_RUNS("look for queued jobs", true);

  private final String words;
  private final boolean yielding;

  Operation(String words, boolean yielding) {
    this.words = words;
    this.yielding = yielding;
  }

  /** What it does, for people. */
  public String words() {
    return words;
  }

  /** Whether it waits when less than a tenth of the hour's requests is left. */
  boolean yields() {
    return yielding;
  }
}
