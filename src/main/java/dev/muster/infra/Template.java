package dev.muster.infra;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.RepresentToNode;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.representer.StandardRepresenter;

/**
 * A CloudFormation template. The same config gives the same text.
 *
 * @param environment whose it is; empty for what the appliances of a region share
 * @param region where its stack is made
 * @param document maps, lists and scalars in their order
 */
public record Template(Optional<String> environment, String region, Map<String, Object> document) {
  private static final DumpSettings SETTINGS =
      DumpSettings.builder()
          .setDefaultFlowStyle(FlowStyle.BLOCK)
          .setWidth(120)
          .setDereferenceAliases(true)
          .build();

  /** Quotes what YAML 1.1, which CloudFormation reads, takes for a date, a number or a flag. */
  private static final class Cautious extends StandardRepresenter {
    private static final Pattern AMBIGUOUS =
        Pattern.compile(
            "(?i)[-+.]?[0-9].*|y|n|yes|no|on|off|true|false|null|~|=|<<|\\.nan|.?\\.inf");

    Cautious(DumpSettings settings) {
      super(settings);
      RepresentToNode usual = Objects.requireNonNull(representers.get(String.class));
      representers.put(
          String.class,
          text ->
              AMBIGUOUS.matcher((String) text).matches()
                  ? representScalar(Tag.STR, (String) text, ScalarStyle.SINGLE_QUOTED)
                  : usual.representData(text));
    }
  }

  /** As {@code prod-eu-west-1}, or {@code eu-west-1}. */
  public String name() {
    return environment.map(e -> e + "-").orElse("") + region;
  }

  /** The forms that CloudFormation reads. */
  public enum Format {
    YAML,
    JSON;

    public String extension() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** The text of it, with a line break at its end. */
  public String text(Format format) {
    return switch (format) {
      case YAML -> new Dump(SETTINGS, new Cautious(SETTINGS)).dumpToString(document);
      case JSON -> json() + "\n";
    };
  }

  private String json() {
    try {
      return JsonMapper.builder()
          .build()
          .writerWithDefaultPrettyPrinter()
          .writeValueAsString(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree of maps can always be written", e);
    }
  }
}
