package dev.muster.fleet.job;

import java.util.Optional;

/**
 * Where the code of a run comes from. It does not change while the run lives, reruns included.
 *
 * @param head the repository of the commit; empty where GitHub no longer has it
 */
public record RunOrigin(RunRef run, Optional<String> head) {
  /**
   * Whether it is another repository than the one whose jobs these are, whatever the event: who may
   * push there need not be allowed to push here. A repository that is gone was another.
   */
  public boolean fork() {
    return head.map(name -> !name.equalsIgnoreCase(run.repository())).orElse(true);
  }

  /** For people. */
  public String words() {
    return head.map(name -> (fork() ? "the fork " : "") + name)
        .orElse("a fork that GitHub no longer has");
  }
}
