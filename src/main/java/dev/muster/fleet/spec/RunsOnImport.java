package dev.muster.fleet.spec;

import dev.muster.config.Problem;
import dev.muster.config.Problems;
import dev.muster.config.YamlNode;
import dev.muster.config.YamlReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Translates a {@code runs-on.yml} of RunsOn into Muster's form. What has no counterpart is listed;
 * what comes out loads.
 */
public final class RunsOnImport {
  /** What became of a file. */
  public sealed interface Outcome {}

  /**
   * It was translated.
   *
   * @param yaml a main file
   * @param withoutCounterpart what is missing in it, as {@code line 7: admins has no counterpart}
   */
  public record Imported(String yaml, List<String> withoutCounterpart) implements Outcome {
    public Imported {
      withoutCounterpart = List.copyOf(withoutCounterpart);
    }
  }

  /** It is not YAML. */
  public record Unreadable(List<Problem> problems) implements Outcome {
    public Unreadable {
      problems = List.copyOf(problems);
    }
  }

  /**
   * Reads the text of a runs-on.yml and writes a main file of the same meaning.
   *
   * @param file its name, for problems
   */
  public Outcome translate(String file, String text) {
    Problems problems = new Problems();
    Optional<YamlNode> root =
        new YamlReader(file, problems).read(text.getBytes(StandardCharsets.UTF_8));
    if (root.isEmpty() || !problems.inOrder().isEmpty()) {
      return new Unreadable(problems.inOrder());
    }
    RunsOnSource.Notes notes = new RunsOnSource.Notes();
    RunsOnSource source = new RunsOnSource("", root.get(), notes);

    RunsOnNames names = new RunsOnNames();
    RunsOnRunners runners = new RunsOnRunners(source.children("images"), names);
    source.children("runners").forEach(runners::add);
    Map<String, RunsOnSource> pools = source.children("pools");
    RunsOnPools translated = new RunsOnPools(runners, names);
    pools.forEach(translated::add);
    runners.noteTheRest();
    source.noteTheRest();
    return new Imported(yaml(runners.written(), translated.written()), notes.inOrder());
  }

  private static String yaml(List<Map<String, String>> runners, List<Map<String, String>> pools) {
    StringBuilder yaml = new StringBuilder("version: \"1\"\n");
    Map<String, List<Map<String, String>>> lists = new LinkedHashMap<>();
    lists.put("runners", runners);
    lists.put("pools", pools);
    lists.forEach((key, items) -> {
      if (!items.isEmpty()) {
        yaml.append(key).append(":\n");
        items.forEach(item -> append(item, yaml));
      }
    });
    return yaml.toString();
  }

  private static void append(Map<String, String> item, StringBuilder yaml) {
    String indent = "  - ";
    for (Map.Entry<String, String> entry : item.entrySet()) {
      String value = entry.getValue();
      yaml.append(indent)
          .append(entry.getKey())
          .append(value.startsWith("\n") ? ":" : ": ")
          .append(value)
          .append('\n');
      indent = "    ";
    }
  }
}
