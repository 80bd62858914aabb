package dev.muster.agent.linux;

import dev.muster.agent.common.AgentTime;
import dev.muster.agent.common.Grace;
import dev.muster.agent.common.JobLauncher;
import dev.muster.agent.common.RunnerLog;
import dev.muster.agent.protocol.AgentApi;
import dev.muster.agent.protocol.Instruction.Assign;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * Starts commands through {@code setsid} in {@code home/work}, as the job's user where there is
 * one.
 */
final class SetsidLauncher implements JobLauncher {
  /** How long the output may stay open after the processes are gone. */
  private static final Duration OUTPUT_GRACE = Duration.ofSeconds(2);

  private final Path home;
  private final AgentTime time;
  private final Optional<JobUser> user;

  /**
   * @param user whom commands run as; empty for our own user. Another one needs root's rights
   */
  SetsidLauncher(Path home, AgentTime time, Optional<JobUser> user) {
    this.home = home;
    this.time = time;
    this.user = user;
  }

  @Override
  public RunningJob start(Assign assign, RunnerLog log, IntConsumer onExit) throws IOException {
    Path work = Files.createDirectories(home.resolve("work"));
    requireProgram(work, assign.command().getFirst());
    List<String> command = new ArrayList<>(List.of("setsid"));
    user.ifPresent(u -> command.addAll(u.prefix()));
    command.addAll(assign.command());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    Map<String, String> environment = builder.environment();
    // On the appliance's own machine these may be the appliance's secrets.
    environment.keySet().removeIf(name -> name.startsWith("MUSTER_"));
    user.ifPresent(u -> {
      environment.put("HOME", u.home().toString());
      environment.put("USER", u.name());
      environment.put("LOGNAME", u.name());
    });
    environment.putAll(assign.environment());
    environment.put(AgentApi.JIT_VARIABLE, assign.jit().value());

    Process process = builder.start();
    Thread output =
        Thread.ofPlatform()
            .daemon()
            .name("job-output")
            .start(() -> log.copy(process.getInputStream()));
    Thread.ofPlatform().daemon().name("job-exit").start(() -> awaitExit(process, onExit));
    return new Started(new ProcessSession(process.toHandle(), time), output);
  }

  /** {@code setsid} itself always starts, so a program that is not there is found out here. */
  private static void requireProgram(Path work, String program) throws IOException {
    if (program.contains("/") && !Files.isExecutable(work.resolve(program))) {
      throw new IOException("%s is not an executable file".formatted(program));
    }
  }

  private static void awaitExit(Process process, IntConsumer onExit) {
    try {
      onExit.accept(process.waitFor());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private record Started(ProcessSession session, Thread output) implements RunningJob {
    @Override
    public void terminate(Grace grace) throws InterruptedException {
      session.end(grace);
      // A daemon that left the session may hold the output open; it is not waited for.
      output.join(OUTPUT_GRACE);
    }
  }
}
