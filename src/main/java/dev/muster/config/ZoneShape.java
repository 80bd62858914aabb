package dev.muster.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Optional;

record ZoneShape() implements Shape<ZoneId> {
  @Override
  public Optional<ZoneId> read(YamlNode node, Reading at) {
    if (!(node instanceof YamlNode.Scalar scalar) || scalar.isNull()) {
      return at.expected("a " + words(), node);
    }
    try {
      return Optional.of(ZoneId.of(scalar.text()));
    } catch (DateTimeException e) {
      Optional<String> near = Similar.nearest(scalar.text(), ZoneId.getAvailableZoneIds());
      return at.refuse(
          node,
          "unknown time zone \"" + brief(scalar.text()) + "\"",
          near.map(zone -> "did you mean \"" + zone + "\"?")
              .orElse("a name of the IANA database, as Europe/Berlin or UTC"));
    }
  }

  private static String brief(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }

  @Override
  public void describe(ObjectNode schema) {
    schema.put("type", "string");
  }

  @Override
  public String words() {
    return "time zone";
  }
}
