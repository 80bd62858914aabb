package dev.muster.agent.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Whom jobs run as, where that is not the agent's own user. They reach neither the agent's files
 * nor, with the image's firewall rule for this user, the instance's metadata.
 */
record JobUser(String name, int uid, int gid, Path home) {
  private static final int FIELDS = 7;

  /**
   * Looks the user up.
   *
   * @throws IOException when there is no such user, with the way out in the message
   */
  static JobUser named(String name) throws IOException {
    Process getent = new ProcessBuilder("getent", "passwd", "--", name).start();
    String line = new String(getent.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String[] fields = line.strip().split(":", -1);
    if (fields.length != FIELDS || !ended(getent)) {
      throw new IOException(
          "'user' names %s, whom this machine does not know; add the user, or leave the key out"
              .formatted(name));
    }
    return new JobUser(
        fields[0], Integer.parseInt(fields[2]), Integer.parseInt(fields[3]), Path.of(fields[5]));
  }

  private static boolean ended(Process process) throws IOException {
    try {
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** What goes before a command. {@code setpriv} replaces itself with it. */
  List<String> prefix() {
    return List.of(
        "setpriv", "--reuid=" + uid, "--regid=" + gid, "--init-groups", "--inh-caps=-all", "--");
  }
}
