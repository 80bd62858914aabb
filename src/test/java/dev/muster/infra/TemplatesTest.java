package dev.muster.infra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.config.Configs;
import dev.muster.fleet.spec.FleetSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class TemplatesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Stream<Path> examples() throws IOException {
    try (Stream<Path> folders = Files.list(Configs.repository("config-examples"))) {
      return folders
          .filter(Files::isDirectory)
          .filter(folder -> !folder.endsWith("observability")) // what looks at Muster, no config
          .sorted()
          .toList()
          .stream();
    }
  }

  static FleetSpec fleet(Path example) throws IOException {
    return Configs.accepted(Configs.load(Configs.tree(example))).get(FleetSpec.class);
  }

  private static FleetSpec regions() throws IOException {
    return fleet(Configs.repository("config-examples/regions"));
  }

  private static JsonNode template(String name) throws IOException {
    return Templates.of(regions()).stream()
        .filter(t -> t.name().equals(name))
        .<JsonNode>map(t -> JSON.valueToTree(t.document()))
        .findFirst()
        .orElseThrow();
  }

  private static JsonNode resource(String template, String name) throws IOException {
    return template(template).path("Resources").path(name).path("Properties");
  }

  @Test
  void thereIsOneForEachRegionAndOneForEachEnvironmentInItsRegions() throws IOException {
    assertThat(Templates.of(regions()).stream().map(Template::name))
        .containsExactly(
            "eu-west-1", "us-east-1", "dev-eu-west-1", "prod-eu-west-1", "prod-us-east-1");
    FleetSpec here =
        Configs.accepted(
                Configs.load(
                    "version: '1'\nrunners: [{ name: r, provider: local, slots: 1, command: [a] }]"))
            .get(FleetSpec.class);
    assertThat(Templates.of(here)).as("nothing of AWS").isEmpty();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void bothFormsSayTheSameAndAgainTheSame(Path example) throws IOException {
    FleetSpec fleet = fleet(example);
    List<Template> again = Templates.of(fleet(example));
    for (Template template : Templates.of(fleet)) {
      Object yaml =
          new Load(LoadSettings.builder().build())
              .loadFromString(template.text(Template.Format.YAML));
      JsonNode json = JSON.readTree(template.text(Template.Format.JSON));
      JsonNode read = JSON.valueToTree(yaml);
      assertThat(read).isEqualTo(json);
      assertThat(again)
          .filteredOn(t -> t.name().equals(template.name()))
          .extracting(t -> t.text(Template.Format.YAML))
          .containsExactly(template.text(Template.Format.YAML));
      assertThat(template.text(Template.Format.YAML)).doesNotContain("&id", "*id");
    }
  }

  @Test
  void tagsStayTextForReadersOfYaml11() {
    FleetSpec fleet =
        Configs.accepted(
                Configs.load(
                    """
                    version: '1'
                    environments:
                      prod:
                        regions: { eu-west-1: { instance_profile: muster-prod } }
                        tags: { On: "yes", Since: "2026-01-01", Centre: "0123", Ratio: "1:30" }
                    """))
            .get(FleetSpec.class);
    String text = Templates.of(fleet).getLast().text(Template.Format.YAML);
    assertThat(text)
        .contains("AWSTemplateFormatVersion: '2010-09-09'", "Version: '2012-10-17'")
        .contains("'yes'", "'2026-01-01'", "'0123'", "'1:30'", "Key: 'On'");
  }

  @Test
  void tableHasKeysStreamExpiryAndAReplicaInEachRegion() throws IOException {
    JsonNode table = resource("prod-eu-west-1", "State");
    assertThat(table.path("TableName").asText()).isEqualTo("muster-prod-state");
    assertThat(table.path("KeySchema").toString())
        .isEqualTo(
            "[{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"},{\"AttributeName\":\"sk\",\"KeyType\":\"RANGE\"}]");
    assertThat(table.path("BillingMode").asText()).isEqualTo("PAY_PER_REQUEST");
    assertThat(table.path("StreamSpecification").path("StreamViewType").asText())
        .isEqualTo("NEW_AND_OLD_IMAGES");
    assertThat(table.path("TimeToLiveSpecification").path("AttributeName").asText())
        .isEqualTo("expires_at");
    List<String> regions = new ArrayList<>();
    table
        .path("Replicas")
        .forEach(r -> {
          regions.add(r.path("Region").asText());
          assertThat(
                  r.at("/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled").asBoolean())
              .isTrue();
          assertThat(r.path("Tags").toString()).contains("\"Environment\"", "\"CostCentre\"");
        });
    assertThat(regions).containsExactly("eu-west-1", "us-east-1");
    assertThat(template("prod-us-east-1").path("Resources").has("State"))
        .as("a global table is made once")
        .isFalse();
  }

  @Test
  void bucketsAreShutAndCopiedOnlyOnceAllAreThere() throws IOException {
    JsonNode there = resource("prod-us-east-1", "Cache");
    assertThat(there.path("BucketName").asText()).isEqualTo("acme-muster-prod-cache-us-east-1");
    assertThat(there.path("PublicAccessBlockConfiguration").findValuesAsText("BlockPublicAcls"))
        .containsExactly("true");
    assertThat(there.path("ReplicationConfiguration").path("Fn::If").get(0).asText())
        .isEqualTo("Replicates");
    assertThat(there.toString()).contains("arn:${AWS::Partition}:s3:::acme-muster-prod-cache\"");
    assertThat(resource("prod-us-east-1", "CachePolicy").toString())
        .contains("aws:SecureTransport");
    assertThat(resource("dev-eu-west-1", "Cache").has("ReplicationConfiguration"))
        .as("one region has nothing to copy to")
        .isFalse();
  }

  @Test
  void budgetHasTheConfigsNumbersAndTheTagOfItsEnvironment() throws IOException {
    JsonNode budget = resource("prod-eu-west-1", "Budget");
    assertThat(budget.at("/Budget/BudgetLimit/Amount").asInt()).isEqualTo(4000);
    assertThat(budget.at("/Budget/CostFilters/TagKeyValue/0").asText())
        .isEqualTo("user:Environment$prod");
    assertThat(budget.findValues("Threshold").stream().map(JsonNode::asInt))
        .containsExactly(50, 80, 100, 120);
  }

  @Test
  void rolesReachTheirOwnEnvironmentAlone() throws IOException {
    String prod = template("prod-eu-west-1").toString() + template("prod-us-east-1");
    String dev = template("dev-eu-west-1").toString();
    assertThat(prod).doesNotContain("muster-dev").doesNotContain("subnet-0a1b");
    assertThat(dev).doesNotContain("muster-prod").doesNotContain("subnet-0f1e");
    JsonNode role = resource("prod-eu-west-1", "AccountRole");
    assertThat(role.path("RoleName").asText()).isEqualTo("muster-prod");
    assertThat(role.toString())
        .contains("subnet/subnet-0f1e2d3c4b5a60001")
        .contains("subnet/subnet-0f1e2d3c4b5a60003")
        .contains("\"aws:ResourceTag/muster:environment\":\"prod\"")
        .contains("table/muster-prod-state")
        .doesNotContain("\"Action\":\"*\"");
    assertThat(resource("prod-eu-west-1", "RunnerRole").has("Policies"))
        .as("runners run strangers' code")
        .isFalse();
    assertThat(template("dev-eu-west-1").path("Resources").has("AccountRole")).isFalse();
  }

  @Test
  void everythingThatCanBearTagsBearsThoseOfItsEnvironment() throws IOException {
    for (String name : List.of("dev-eu-west-1", "prod-eu-west-1", "prod-us-east-1")) {
      template(name)
          .path("Resources")
          .properties()
          .forEach(resource -> {
            String type = resource.getValue().path("Type").asText();
            if (List.of("AWS::IAM::Role", "AWS::S3::Bucket").contains(type)) {
              assertThat(resource.getValue().at("/Properties/Tags").toString())
                  .as(name + " " + resource.getKey())
                  .contains("\"Environment\"", "muster:environment", "CostCentre");
            }
          });
    }
  }

  @Test
  void deliveriesComeAsTheyAreWithTheirHeaders() throws IOException {
    JsonNode integration = resource("eu-west-1", "Integration");
    assertThat(integration.path("IntegrationSubtype").asText()).isEqualTo("SQS-SendMessage");
    assertThat(integration.at("/RequestParameters/MessageBody").asText())
        .isEqualTo("$request.body");
    JsonNode attributes =
        JSON.readTree(integration.at("/RequestParameters/MessageAttributes").asText());
    assertThat(attributes.at("/X-Hub-Signature-256/StringValue").asText())
        .isEqualTo("${request.header.X-Hub-Signature-256}");
    assertThat(attributes.properties()).hasSize(3);
    assertThat(resource("eu-west-1", "Deliveries").path("QueueName").asText())
        .isEqualTo("muster-eu-west-1-deliveries");
    assertThat(resource("eu-west-1", "DeadDeliveries").path("QueueName").asText())
        .isEqualTo("muster-eu-west-1-deliveries-dead");
  }
}
