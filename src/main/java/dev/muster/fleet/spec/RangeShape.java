package dev.muster.fleet.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.config.Reading;
import dev.muster.config.Shape;
import dev.muster.config.Shapes;
import dev.muster.config.YamlNode;
import java.util.List;
import java.util.Optional;

/**
 * {@code [4, 8]}, or {@code 4} for exactly that.
 *
 * @param most the highest number that makes sense
 * @param unit what is counted
 */
record RangeShape(int most, String unit) implements Shape<Range> {
  @Override
  public Optional<Range> read(YamlNode node, Reading at) {
    return switch (node) {
      case YamlNode.Sequence sequence -> range(sequence, at);
      case YamlNode.Scalar scalar when !scalar.isNull() ->
          number().read(scalar, at).map(exactly -> new Range(exactly, exactly));
      case YamlNode other -> at.expected("a range", other, Optional.of("as [4, 8], or 4"));
    };
  }

  private Optional<Range> range(YamlNode.Sequence sequence, Reading at) {
    List<YamlNode> ends = sequence.items();
    if (ends.isEmpty() || ends.size() > 2) {
      return at.refuse(sequence, "expected the two ends of a range", "as [4, 8]");
    }
    Optional<Integer> min = number().read(ends.getFirst(), at.item(0));
    Optional<Integer> max = number().read(ends.getLast(), at.item(ends.size() - 1));
    if (min.isEmpty() || max.isEmpty()) {
      return Optional.empty();
    }
    return min.get() <= max.get()
        ? Optional.of(new Range(min.get(), max.get()))
        : at.refuse(
            sequence,
            "the range ends at %d, before it begins at %d".formatted(max.get(), min.get()),
            "the smaller number comes first: [%d, %d]".formatted(max.get(), min.get()));
  }

  private Shape<Integer> number() {
    return Shapes.whole(1, most);
  }

  @Override
  public void describe(ObjectNode schema) {
    ArrayNode either = schema.putArray("anyOf");
    number().describe(either.addObject());
    ObjectNode list = either.addObject().put("type", "array").put("minItems", 1).put("maxItems", 2);
    number().describe(list.putObject("items"));
  }

  @Override
  public String words() {
    return "range of " + unit + ", or one number";
  }

  @Override
  public String write(Range value) {
    return "[" + value.min() + ", " + value.max() + "]";
  }

  @Override
  public JsonNode json(Range value) {
    return JsonNodeFactory.instance.arrayNode().add(value.min()).add(value.max());
  }
}
