package dev.muster.agent.common;

import dev.muster.agent.protocol.AgentCodec;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The agent's command line: {@code --config FILE}, or {@code --self-test [--user NAME]}.
 *
 * <p>Exit codes: 0 the work is done or the self-test passed (a job ran, whatever its own exit code;
 * told to stop; or the appliance stayed away), 1 the appliance refused the enrolment or the
 * self-test failed, 2 wrong use or a config that cannot be used, 70 an unexpected failure. What
 * happened is on stderr, one line each, without credentials.
 */
public final class AgentProgram {
  private static final int USAGE = 2;
  private static final int SOFTWARE = 70;

  /** How long a machine that shuts down is held up to end a job and say so. */
  private static final Duration SHUTDOWN = Duration.ofSeconds(25);

  private final Platform platform;
  private final PrintStream err;

  public AgentProgram(Platform platform, PrintStream err) {
    this.platform = platform;
    this.err = err;
  }

  /** Everything but the exit itself; answers its code. */
  public int run(String... args) {
    if (args.length > 0 && args[0].equals("--self-test")) {
      return selfTest(args);
    }
    if (args.length != 2 || !args[0].equals("--config")) {
      return usage();
    }
    PrivateFile file = new PrivateFile(Path.of(args[1]));
    Agent agent;
    try {
      agent = agent(file);
    } catch (IOException | IllegalArgumentException e) {
      err.println("muster-agent: config %s: %s".formatted(file.path(), explanation(e)));
      return USAGE;
    }
    return runGuarded(agent);
  }

  private Agent agent(PrivateFile file) throws IOException {
    AgentConfig config = AgentConfig.read(file);
    AgentTime time = AgentTime.system();
    Files.createDirectories(config.home());
    JobLauncher launcher = platform.launcher(config.home(), time, config.user());
    // A POST that the runtime repeats by itself would hide a lost answer from the protocol.
    System.setProperty("sun.net.http.retryPost", "false");
    return new Agent(
        config,
        file,
        new SessionFile(new PrivateFile(config.home().resolve("session.json"))),
        new Agent.Surroundings(
            platform.machine(),
            new HttpApplianceLink(config.url(), new AgentCodec()),
            launcher,
            platform.runnerFiles(),
            time,
            new SecureRandom(),
            Limits.DEFAULT,
            line -> err.println("muster-agent: " + line)));
  }

  private int usage() {
    err.println("usage: AgentMain --config FILE | --self-test [--user NAME]");
    return USAGE;
  }

  private int selfTest(String[] args) {
    boolean named = args.length == 3 && args[1].equals("--user");
    if (args.length != 1 && !named) {
      return usage();
    }
    Optional<String> user = named ? Optional.of(args[2]) : Optional.empty();
    return new SelfTest(platform, err).passes(user) ? 0 : 1;
  }

  private int runGuarded(Agent agent) {
    CountDownLatch ended = new CountDownLatch(1);
    Thread hook = new Thread(() -> interrupt(agent, ended), "shutdown");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      AgentResult result = agent.run();
      err.println("muster-agent: " + result.message());
      return result.exitCode();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return SOFTWARE;
    } catch (RuntimeException e) {
      err.println("muster-agent: unexpected: " + e);
      return SOFTWARE;
    } finally {
      ended.countDown();
    }
  }

  private void interrupt(Agent agent, CountDownLatch ended) {
    try {
      if (agent.interrupt("the machine is shutting down")) {
        boolean done = ended.await(SHUTDOWN.toSeconds(), TimeUnit.SECONDS);
        if (!done) {
          err.println("muster-agent: shut down before the job's end was reported");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String explanation(Exception e) {
    return e instanceof NoSuchFileException ? "not found" : String.valueOf(e.getMessage());
  }
}
