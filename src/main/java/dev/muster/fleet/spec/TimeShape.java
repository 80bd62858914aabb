package dev.muster.fleet.spec;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.config.Reading;
import dev.muster.config.Shape;
import dev.muster.config.YamlNode;
import java.time.LocalTime;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A time of day to the minute. YAML 1.2 has no numbers to base 60, so quotes may be left out. */
record TimeShape() implements Shape<LocalTime> {
  private static final Pattern WRITTEN = Pattern.compile("([01]?\\d|2[0-3]):([0-5]\\d)");

  @Override
  public Optional<LocalTime> read(YamlNode node, Reading at) {
    Matcher matcher = WRITTEN.matcher(node instanceof YamlNode.Scalar scalar ? scalar.text() : "");
    return matcher.matches()
        ? Optional.of(
            LocalTime.of(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
        : at.expected("a " + words(), node, Optional.of("hours and minutes, as 08:00 or 22:30"));
  }

  @Override
  public void describe(ObjectNode schema) {
    schema.put("type", "string").put("pattern", "^(?:" + WRITTEN + ")$");
  }

  @Override
  public String words() {
    return "time of day, 00:00 to 23:59";
  }
}
