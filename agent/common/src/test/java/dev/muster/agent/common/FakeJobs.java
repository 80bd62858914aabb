package dev.muster.agent.common;

import dev.muster.agent.protocol.Instruction.Assign;
import dev.muster.agent.protocol.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/** Jobs without processes, which say and do what the test tells them. */
final class FakeJobs implements JobLauncher {
  /** The job that was started. */
  final CompletableFuture<Job> started = new CompletableFuture<>();

  /** One of them. */
  record Job(RunnerLog log, IntConsumer onExit, CompletableFuture<Grace> ended)
      implements RunningJob {
    void say(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      log.add(bytes, bytes.length);
    }

    void exit(int code) {
      log.end();
      onExit.accept(code);
    }

    @Override
    public void terminate(Grace grace) {
      if (ended.complete(grace) && !grace.equals(Grace.NONE)) {
        exit(143);
      }
    }
  }

  static Assign assign(Duration maxRuntime) {
    return new Assign(
        "77",
        "m-77",
        new Secret("the-jit-config"),
        List.of("run"),
        Map.of(),
        maxRuntime,
        new Secret("report-1"));
  }

  @Override
  public RunningJob start(Assign assign, RunnerLog log, IntConsumer onExit) {
    Job job = new Job(log, onExit, new CompletableFuture<>());
    started.complete(job);
    return job;
  }

  Job awaitJob() throws Exception {
    return started.get(10, TimeUnit.SECONDS);
  }
}
