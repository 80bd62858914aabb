package dev.muster.agent.common;

import dev.muster.agent.protocol.AgentCodec;
import dev.muster.agent.protocol.Instruction;
import dev.muster.agent.protocol.Instruction.Assign;
import dev.muster.agent.protocol.Secret;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * What an image is asked before it is kept: whether the agent that lies in it can do here what it
 * will have to, without an appliance: speak TLS, encode a message, run a job as the job's user and
 * say how it ended.
 */
final class SelfTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String WORD = "a-job-ran";
  private static final int CODE = 7;

  private final Platform platform;
  private final PrintStream err;

  SelfTest(Platform platform, PrintStream err) {
    this.platform = platform;
    this.err = err;
  }

  /** Says on {@code err} what does not work; true when all does. */
  boolean passes(Optional<String> user) {
    try {
      SSLParameters tls = SSLContext.getDefault().getDefaultSSLParameters();
      Machine machine = platform.machine();
      runJob(user);
      err.println(
          "muster-agent: self-test passed: agent %s, Java %s, %s, %s, jobs as %s"
              .formatted(
                  machine.version(),
                  System.getProperty("java.version"),
                  machine.arch(),
                  String.join(" ", tls.getProtocols()),
                  user.orElse("the agent's own user")));
      return true;
    } catch (GeneralSecurityException | IOException | ExecutionException | TimeoutException e) {
      err.println("muster-agent: self-test failed: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      err.println("muster-agent: self-test interrupted");
    }
    return false;
  }

  private void runJob(Optional<String> user)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    Path home = Files.createTempDirectory("muster-self-test-");
    try {
      Assign sent =
          new Assign(
              "1",
              "self-test",
              new Secret("none"),
              platform.trial(WORD),
              Map.of(),
              PATIENCE,
              new Secret("none"));
      AgentCodec codec = new AgentCodec();
      Assign job = (Assign) codec.decode(Instruction.class, codec.encode(sent));
      CompletableFuture<Integer> ended = new CompletableFuture<>();
      RunnerLog log = RunnerLog.in(home, job);
      JobLauncher.RunningJob running =
          platform.launcher(home, AgentTime.system(), user).start(job, log, ended::complete);
      int code = ended.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      running.terminate(Grace.NONE);
      String said = log.tail();
      if (code != CODE || !said.contains(WORD) || !user.map(said::contains).orElse(true)) {
        throw new IOException("a job ended with %d and said: %s".formatted(code, said.strip()));
      }
    } finally {
      remove(home);
    }
  }

  private static void remove(Path folder) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> files = Files.walk(folder)) {
      deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : deepestFirst) {
      Files.deleteIfExists(file);
    }
  }
}
