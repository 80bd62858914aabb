package dev.muster.agent.protocol;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a field may hold, so that neither side stores or starts what the other one made up. */
final class Bounds {
  static final int ID = 256;
  static final int LINE = 1_000;
  static final int LOG = 8 * 1024;
  static final int DOCUMENT = 64 * 1024;
  static final int ENTRIES = 200;

  private Bounds() {}

  static void id(String field, String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException(field + " must not be blank");
    }
    text(field, value, ID);
    if (value.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(field + " must not hold control characters");
    }
  }

  /** Credentials travel in a header: anything but visible ASCII could split or forge one. */
  static void credential(String field, Secret secret) {
    text(field, secret.value(), ID);
    if (!secret.value().chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new IllegalArgumentException(field + " must be visible ASCII");
    }
  }

  static void text(String field, @Nullable String value, int most) {
    if (value != null && value.length() > most) {
      throw new IllegalArgumentException(
          "%s must be at most %d characters, was %d".formatted(field, most, value.length()));
    }
  }

  static void seconds(String field, Duration value, Duration most) {
    if (value.compareTo(Duration.ofSeconds(1)) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          "%s must be from 1 to %d, was %d".formatted(field, most.toSeconds(), value.toSeconds()));
    }
  }

  static void command(List<String> command) {
    if (command.isEmpty() || command.size() > ENTRIES) {
      throw new IllegalArgumentException("command must have 1 to %d parts".formatted(ENTRIES));
    }
    if (command.getFirst().isBlank()) {
      throw new IllegalArgumentException("command must begin with a program");
    }
    command.forEach(part -> process("command", part));
  }

  static void environment(Map<String, String> environment) {
    if (environment.size() > ENTRIES) {
      throw new IllegalArgumentException(
          "environment must have at most %d variables".formatted(ENTRIES));
    }
    environment.forEach((name, value) -> {
      if (name.isEmpty() || name.indexOf('=') >= 0) {
        throw new IllegalArgumentException(
            "environment names must not be empty or hold an equals sign");
      }
      process("environment", name);
      process("environment", value);
    });
  }

  /** The operating system ends its strings at a NUL. */
  private static void process(String field, String value) {
    text(field, value, DOCUMENT);
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(field + " must not hold NUL characters");
    }
  }
}
