package dev.muster.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

record DurationShape(Duration min, Duration max) implements Shape<Duration> {
  private static final Pattern WRITTEN = Pattern.compile("(\\d{1,9})([smhd])");

  @Override
  public Optional<Duration> read(YamlNode node, Reading at) {
    Matcher matcher = WRITTEN.matcher(node instanceof YamlNode.Scalar scalar ? scalar.text() : "");
    if (!matcher.matches()) {
      return at.expected(
          "a duration", node, Optional.of("a whole number with s, m, h or d, as 90s or 6h"));
    }
    Duration value =
        unit(matcher.group(2).charAt(0)).multipliedBy(Long.parseLong(matcher.group(1)));
    return value.compareTo(min) < 0 || value.compareTo(max) > 0
        ? at.expected("a duration from " + write(min) + " to " + write(max), node)
        : Optional.of(value);
  }

  private static Duration unit(char letter) {
    return switch (letter) {
      case 's' -> Duration.ofSeconds(1);
      case 'm' -> Duration.ofMinutes(1);
      case 'h' -> Duration.ofHours(1);
      case 'd' -> Duration.ofDays(1);
      default -> throw new IllegalStateException("No unit " + letter);
    };
  }

  @Override
  public void describe(ObjectNode schema) {
    schema.put("type", "string").put("pattern", "^" + WRITTEN + "$");
  }

  @Override
  public String words() {
    return "duration, " + write(min) + " to " + write(max);
  }

  /** In the largest unit that divides it. */
  @Override
  public String write(Duration value) {
    long seconds = value.toSeconds();
    for (char letter : new char[] {'d', 'h', 'm'}) {
      long unit = unit(letter).toSeconds();
      if (seconds % unit == 0 && seconds > 0) {
        return seconds / unit + String.valueOf(letter);
      }
    }
    return seconds + "s";
  }
}
