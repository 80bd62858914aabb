package dev.muster.cli.tools;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The git client of this machine, entering with a token that no argument list shows. */
public final class GitClient {
  private final Path folder;
  private final String token;

  public GitClient(Path folder, String token) {
    this.folder = folder;
    this.token = token;
  }

  /**
   * Commits every file of the folder and pushes it to the config branch of an appliance; the folder
   * becomes a repository where it is none yet.
   *
   * @param appliance its public address
   */
  public void publish(URI appliance, String message) throws IOException, InterruptedException {
    if (!Files.isDirectory(folder.resolve(".git"))) {
      run("init", "--quiet", "--initial-branch=main");
    }
    run("add", "--all");
    run("commit", "--quiet", "--message", message);
    run("push", "--quiet", appliance + "/git/config.git", "HEAD:refs/heads/main");
  }

  /** Runs git; its output is part of the failure when it fails. */
  public void run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.put("GIT_CONFIG_COUNT", "1");
    environment.put("GIT_CONFIG_KEY_0", "http.extraHeader");
    environment.put("GIT_CONFIG_VALUE_0", "Authorization: Bearer " + token);
    environment.put("GIT_TERMINAL_PROMPT", "0");
    environment.put("GIT_AUTHOR_NAME", "muster try");
    environment.put("GIT_AUTHOR_EMAIL", "try@localhost");
    environment.put("GIT_COMMITTER_NAME", "muster try");
    environment.put("GIT_COMMITTER_EMAIL", "try@localhost");
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new IOException("git cannot be started; install it: " + e.getMessage(), e);
    }
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(
          "git " + arguments[0] + " failed: " + output.strip().replace("\n", " | "));
    }
  }
}
