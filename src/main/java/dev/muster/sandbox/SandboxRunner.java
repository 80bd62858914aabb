package dev.muster.sandbox;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A stand-in for GitHub's runner program: enters the sandbox with its just-in-time configuration,
 * waits for one job, executes its shell steps in the folder that it was started in, says how it
 * went, ends. Uses nothing but the JDK.
 */
public final class SandboxRunner {
  /** The variable that GitHub's own runner reads too. */
  public static final String JIT_VARIABLE = "ACTIONS_RUNNER_INPUT_JITCONFIG";

  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(60);
  private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final int GONE = 410;

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final String base;
  private final String secret;
  private final PrintStream out;
  private volatile boolean cancelled;
  private volatile @Nullable Process current;

  /**
   * @param jitConfig Base64 of {@code {"sandbox":true,"url","runner","secret"}}
   * @throws IllegalArgumentException when it is not one of the sandbox's
   */
  SandboxRunner(String jitConfig, PrintStream out) {
    String config = new String(Base64.getDecoder().decode(jitConfig), StandardCharsets.UTF_8);
    this.base = field(config, "url") + "/sandbox/runners/" + field(config, "runner");
    this.secret = field(config, "secret");
    this.out = out;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    String jitConfig = System.getenv(JIT_VARIABLE);
    if (jitConfig == null) {
      System.err.println("Muster sandbox runner: " + JIT_VARIABLE + " is not set");
      System.exit(2);
    }
    System.exit(new SandboxRunner(jitConfig, System.out).run());
  }

  /** Runs one job. 0 when it was run, whatever became of it; 1 when there was none to run. */
  int run() throws IOException, InterruptedException {
    say("connected, waiting for a job");
    Optional<SandboxWire> job = await();
    if (job.isEmpty()) {
      say("the registration was deleted");
      return 1;
    }
    say("running job " + job.get().name());
    Thread heart = Thread.ofVirtual().start(this::beat);
    try {
      String conclusion = execute(job.get()) ? "success" : "failure";
      send("POST", "/done/" + conclusion);
      say("job " + job.get().name() + " completed: " + conclusion);
      return 0;
    } finally {
      heart.interrupt();
    }
  }

  private Optional<SandboxWire> await() throws InterruptedException {
    while (true) {
      try {
        HttpResponse<String> answer = send("GET", "/job");
        switch (answer.statusCode()) {
          case 200 -> {
            return Optional.of(SandboxWire.decode(answer.body()));
          }
          case GONE -> {
            return Optional.empty();
          }
          case 204 -> {}
          default -> Thread.sleep(PAUSE);
        }
      } catch (IOException e) {
        say("the sandbox cannot be reached: " + e.getMessage());
        Thread.sleep(PAUSE);
      }
    }
  }

  private boolean execute(SandboxWire job) throws IOException, InterruptedException {
    for (String step : job.steps()) {
      say("$ " + step);
      ProcessBuilder shell = new ProcessBuilder("/bin/sh", "-e", "-c", step);
      shell.environment().remove(JIT_VARIABLE);
      Process process = shell.redirectErrorStream(true).start();
      current = process;
      process.getOutputStream().close();
      try {
        process.getInputStream().transferTo(out);
      } catch (IOException e) {
        if (!cancelled) {
          throw e; // ending a process closes what is read from it
        }
      }
      int code = process.waitFor();
      if (cancelled) {
        say("the job was cancelled");
        return false;
      }
      if (code != 0) {
        say("the step ended with exit code " + code);
        return false;
      }
    }
    return true;
  }

  private void beat() {
    try {
      while (true) {
        Thread.sleep(SIGN_OF_LIFE);
        try {
          if (send("POST", "/alive").statusCode() == GONE) {
            cancel();
            return;
          }
        } catch (IOException e) {
          say("the sandbox cannot be reached: " + e.getMessage());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the job is over
    }
  }

  private void cancel() {
    cancelled = true;
    Process running = current;
    if (running != null) {
      running.descendants().forEach(ProcessHandle::destroy);
      running.destroy();
    }
  }

  private HttpResponse<String> send(String method, String path)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(LONGEST_ANSWER)
            .header("Authorization", "Bearer " + secret)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private void say(String what) {
    out.println("[muster sandbox runner] " + what);
    out.flush();
  }

  private static String field(String config, String name) {
    Matcher matcher = Pattern.compile("\"%s\":\"?([^\",}]+)".formatted(name)).matcher(config);
    if (!config.contains("\"sandbox\":true") || !matcher.find()) {
      throw new IllegalArgumentException(
          "This is not a just-in-time configuration of the Muster sandbox; for real jobs use"
              + " GitHub's own runner");
    }
    return matcher.group(1);
  }
}
