package dev.muster.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

record FlagShape() implements Shape<Boolean> {
  @Override
  public Optional<Boolean> read(YamlNode node, Reading at) {
    if (node instanceof YamlNode.Scalar scalar && scalar.plain()) {
      switch (scalar.text()) {
        case "true" -> {
          return Optional.of(true);
        }
        case "false" -> {
          return Optional.of(false);
        }
        default -> {}
      }
    }
    return at.expected("true or false", node);
  }

  @Override
  public void describe(ObjectNode schema) {
    schema.put("type", "boolean");
  }

  @Override
  public String words() {
    return "`true` or `false`";
  }

  @Override
  public JsonNode json(Boolean value) {
    return JsonNodeFactory.instance.booleanNode(value);
  }
}
