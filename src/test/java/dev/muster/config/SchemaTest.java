package dev.muster.config;

import static dev.muster.config.Configs.loader;
import static dev.muster.config.Configs.problems;
import static dev.muster.config.Configs.repository;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SchemaTest {
  private final ObjectMapper json = new ObjectMapper();

  @Test
  void isJsonSchemaOfTheMainFile() throws IOException {
    JsonNode schema = json.readTree(loader().schema());
    assertThat(schema.path("$schema").asText())
        .isEqualTo("https://json-schema.org/draft/2020-12/schema");
    assertThat(schema.at("/required/0").asText()).isEqualTo("version");
    assertThat(schema.at("/properties/version/enum")).hasToString("[\"1\",\"1.0\",1]");
    assertThat(schema.at("/properties/pools/items/properties/idle_timeout_minutes/default").asInt())
        .isEqualTo(30);
    assertThat(schema.at("/properties/pools/items/required/0").asText()).isEqualTo("name");
    assertThat(schema.at("/properties/pools/items/additionalProperties").isBoolean()).isTrue();
    assertThat(schema.at("/properties/runners/items/properties/arch/enum"))
        .extracting(JsonNode::asText)
        .containsExactly("arm64", "amd64", "x64");
  }

  /** What the schema calls a key, the loader takes; what it does not, the loader refuses. */
  @Test
  void hasExactlyTheKeysThatAreAccepted() throws IOException {
    List<String> paths = new ArrayList<>();
    keys("", json.readTree(loader().schema()), paths);
    List<String> documented = new ArrayList<>();
    loader()
        .keyTable()
        .lines()
        .skip(2)
        .forEach(row -> documented.add(row.substring(3, row.indexOf('`', 3))));
    assertThat(new TreeSet<>(paths)).isEqualTo(new TreeSet<>(documented));
    assertThat(documented).doesNotHaveDuplicates().hasSizeGreaterThan(60);
  }

  private static void keys(String path, JsonNode schema, List<String> paths) {
    schema
        .path("properties")
        .properties()
        .forEach(property -> {
          // A secret's only key belongs to the reference, which is one value.
          if (!property.getKey().equals("secret")) {
            String below = path.isEmpty() ? property.getKey() : path + "." + property.getKey();
            paths.add(below);
            keys(below, property.getValue(), paths);
          }
        });
    if (schema.has("items")) {
      keys(path + "[]", schema.get("items"), paths);
    }
    if (schema.path("additionalProperties").isObject()) {
      keys(path + ".NAME", schema.get("additionalProperties"), paths);
    }
  }

  /** Every key's example, put where it belongs, is right by the rules for its value. */
  @Test
  void everyExampleInTheTableIsRight() {
    ConfigLoader loader = loader();
    loader.eachKey((path, key) -> {
      Problems problems = new Problems();
      Optional<?> read =
          new YamlReader("example", problems)
              .read(key.example().getBytes(StandardCharsets.UTF_8))
              .flatMap(node -> key.shape().read(node, new Reading(path, problems)));
      assertThat(problems.inOrder()).as(path + ": " + key.example()).isEmpty();
      assertThat(read).as(path).isPresent();
    });
  }

  @Test
  void everyMeaningIsASentence() {
    loader()
        .eachKey((path, key) ->
            assertThat(key.about()).as(path).matches("[A-Z`].*\\.").doesNotContain("|"));
  }

  @Test
  void documentationHasTheTableOfTheseKeys() throws IOException {
    String docs = Files.readString(repository("docs/configuration.md"));
    String begin = "<!-- keys: generated, see SchemaTest -->\n";
    String end = "<!-- end of keys -->";
    assertThat(docs.substring(docs.indexOf(begin) + begin.length(), docs.indexOf(end)))
        .as("docs/configuration.md; muster's ConfigLoader.keyTable() has the right text")
        .isEqualTo(loader().keyTable());
  }

  @Test
  void everyExampleInTheDocumentationLoads() throws IOException {
    String docs = Files.readString(repository("docs/configuration.md"));
    List<String> examples = new ArrayList<>();
    for (String part : docs.split("```yaml\n", -1)) {
      if (part.contains("```")) {
        examples.add(part.substring(0, part.indexOf("```")));
      }
    }
    examples.removeIf(example -> !example.contains("version:"));
    assertThat(examples).isNotEmpty().allSatisfy(yaml -> assertThat(problems(yaml)).isEmpty());
  }
}
