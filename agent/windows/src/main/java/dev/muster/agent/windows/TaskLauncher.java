package dev.muster.agent.windows;

import dev.muster.agent.common.Grace;
import dev.muster.agent.common.JobLauncher;
import dev.muster.agent.common.RunnerLog;
import dev.muster.agent.protocol.AgentApi;
import dev.muster.agent.protocol.Instruction.Assign;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/** Starts jobs through a {@link Hosts} of some kind. */
final class TaskLauncher implements JobLauncher {
  private static final Duration HOST_PATIENCE = Duration.ofSeconds(30);

  /** What is given for a job whose host has gone without a word, as after being killed. */
  private static final int KILLED = 137;

  /** As a shell says of a program that is not there. */
  private static final int NOT_FOUND = 127;

  private final Path home;
  private final Hosts hosts;

  TaskLauncher(Path home, Hosts hosts) {
    this.home = home;
    this.hosts = hosts;
  }

  @Override
  public RunningJob start(Assign assign, RunnerLog log, IntConsumer onExit) throws IOException {
    Map<String, String> environment = new LinkedHashMap<>(assign.environment());
    environment.put(AgentApi.JIT_VARIABLE, assign.jit().value());
    HostChannel channel;
    try (HostLink link = HostLink.open(hosts.meetingPoint())) {
      hosts.start(link.file());
      channel = link.await(HOST_PATIENCE);
    }
    channel.send(new HostChannel.Order(assign.command(), environment, folder().toString()));
    Started started = new Started(channel, log);
    Thread.ofPlatform().daemon().name("job-host").start(() -> started.listen(onExit));
    return started;
  }

  /**
   * The bootstrap makes {@code work} a link to the runner's own folder, which the job's user may
   * enter. Without it, as in the self-test, there is only where the host was met.
   */
  private Path folder() throws IOException {
    Path work = home.resolve("work");
    return Files.isDirectory(work) ? work.toRealPath() : hosts.meetingPoint();
  }

  private final class Started implements RunningJob {
    private final HostChannel channel;
    private final RunnerLog log;
    private final CountDownLatch ended = new CountDownLatch(1);

    Started(HostChannel channel, RunnerLog log) {
      this.channel = channel;
      this.log = log;
    }

    /** Until the host says that the job has ended, or is gone itself. */
    void listen(IntConsumer onExit) {
      int code = KILLED;
      try (channel) {
        code = untilEnd();
      } catch (IOException e) {
        System.err.println("muster-agent: the job's host has gone: " + e.getMessage());
      }
      log.end();
      ended.countDown();
      onExit.accept(code);
    }

    private int untilEnd() throws IOException {
      while (true) {
        switch (channel.next()) {
          case HostChannel.Word.Output(byte[] bytes) -> log.add(bytes, bytes.length);
          case HostChannel.Word.Exited(int code) -> {
            return code;
          }
          case HostChannel.Word.NotStarted(String why) -> {
            byte[] bytes = why.getBytes(StandardCharsets.UTF_8);
            log.add(bytes, bytes.length);
            return NOT_FOUND;
          }
        }
      }
    }

    @Override
    public void terminate(Grace grace) throws InterruptedException {
      if (ended.getCount() > 0 && !grace.cancel().isZero()) {
        cancel(grace.cancel().plus(grace.term()));
      }
      try {
        hosts.endAll();
      } catch (IOException e) {
        System.err.println("muster-agent: " + e.getMessage());
      }
    }

    /** Windows has no further way to ask, so all of the grace is for the cancelling. */
    private void cancel(Duration most) throws InterruptedException {
      try {
        channel.cancel();
        boolean inTime = ended.await(most.toMillis(), TimeUnit.MILLISECONDS);
        if (!inTime) {
          System.err.println("muster-agent: the job did not end within " + most);
        }
      } catch (IOException e) {
        System.err.println("muster-agent: cancel the job: " + e.getMessage());
      }
    }
  }
}
