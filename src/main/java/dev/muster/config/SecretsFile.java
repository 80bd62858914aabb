package dev.muster.config;

import dev.muster.kernel.home.Home;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Adds secrets to {@code secrets.yml}. What else is in the file stays as it was written, its
 * comments included; the file is replaced whole, readable by its owner alone from the first byte.
 */
public final class SecretsFile {
  private final Path file;

  public SecretsFile(Path file) {
    this.file = file;
  }

  /**
   * Sets secrets, in place of those of the same names.
   *
   * @throws dev.muster.kernel.reconcile.StalledException when the file is not the map of names to
   *     values that it must be; it is left as it is
   */
  public synchronized void put(Map<SecretRef, String> secrets) throws IOException {
    String text = Files.exists(file) ? Files.readString(file) : "";
    Map<String, String> sorted = new TreeMap<>();
    secrets.forEach((ref, value) -> sorted.put(ref.name(), value));
    for (String name : sorted.keySet()) {
      text = without(text, name);
    }
    if (!text.isEmpty() && !text.endsWith("\n")) {
      text += "\n";
    }
    String added =
        sorted.entrySet().stream()
            .map(e -> entry(e.getKey(), e.getValue()))
            .collect(Collectors.joining());
    Path staged = file.resolveSibling(file.getFileName() + ".staged");
    Home.writePrivately(staged, (text + added).getBytes(StandardCharsets.UTF_8));
    try {
      check(staged, secrets);
      Home.writePrivately(file, Files.readAllBytes(staged));
    } finally {
      Files.deleteIfExists(staged);
    }
  }

  /** Whoever edited the file by hand may have given it a form that cannot be added to. */
  private static void check(Path staged, Map<SecretRef, String> secrets) throws IOException {
    FileSecrets read = new FileSecrets(staged, Map.of());
    for (Map.Entry<SecretRef, String> secret : secrets.entrySet()) {
      boolean kept =
          read.value(secret.getKey()).filter(secret.getValue().stripTrailing()::equals).isPresent();
      if (!kept) {
        throw new IOException("The secret " + secret.getKey().name() + " cannot be added safely");
      }
    }
  }

  private static String entry(String name, String value) {
    String lines =
        value.stripTrailing().lines().map(line -> "  " + line).collect(Collectors.joining("\n"));
    return name + ": |-\n" + lines + "\n";
  }

  /** The file without an entry: its line and the indented or empty ones that belong to it. */
  private static String without(String text, String name) {
    Matcher entry =
        Pattern.compile(
                "(?m)^[\"']?"
                    + Pattern.quote(name)
                    + "[\"']?[ \\t]*:.*(?:\\R[ \\t]+.*|\\R(?=\\R))*\\R?")
            .matcher(text);
    return entry.replaceAll("");
  }
}
