package dev.muster.agent.common;

import dev.muster.agent.protocol.Instruction.Assign;
import java.io.IOException;
import java.util.function.IntConsumer;

/** The port to the operating system: starts a job's command apart from the agent. */
public interface JobLauncher {
  /**
   * Starts the command in a session of its own.
   *
   * @param log takes the command's output
   * @param onExit called once, from another thread, with the exit code (128 + n after signal n)
   * @throws IOException when it cannot be started
   */
  RunningJob start(Assign assign, RunnerLog log, IntConsumer onExit) throws IOException;

  /** A started command with everything that it started in turn. */
  interface RunningJob {
    /**
     * Ends all of its processes: asks GitHub's runner to cancel its job, then asks every process to
     * end, and kills what is still there after {@code grace}. Returns when none is left, at once
     * when there is none; the log is complete then.
     */
    void terminate(Grace grace) throws InterruptedException;
  }
}
