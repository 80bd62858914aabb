package dev.muster.fleet.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.config.Reading;
import dev.muster.config.Shape;
import dev.muster.config.Shapes;
import dev.muster.config.YamlNode;
import java.time.DayOfWeek;
import java.util.Optional;

/** A day of the week as cron counts: 0 is Sunday. */
record DayNumberShape() implements Shape<DayOfWeek> {
  private static final Shape<Integer> NUMBER =
      new SlipShape<>(Shapes.whole(0, 6), "7", "there is no day 7", "0 is Sunday, 6 is Saturday");

  @Override
  public Optional<DayOfWeek> read(YamlNode node, Reading at) {
    return NUMBER.read(node, at).map(number -> DayOfWeek.of(number == 0 ? 7 : number));
  }

  @Override
  public void describe(ObjectNode schema) {
    NUMBER.describe(schema);
  }

  @Override
  public String words() {
    return "day, 0 (Sunday) to 6 (Saturday)";
  }

  @Override
  public JsonNode json(DayOfWeek day) {
    return JsonNodeFactory.instance.numberNode(day.getValue() % 7);
  }
}
