package dev.muster.infra.aws;

import dev.muster.infra.InfraNames;
import dev.muster.kernel.notice.Finding;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.ReplicaDescription;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;

/** The table that appliances share, in one region. */
final class TableLook {
  /** No item has it, and none is made. */
  private static final Map<String, AttributeValue> NOBODY =
      Map.of(
          InfraNames.PARTITION_KEY,
          AttributeValue.fromS("muster-infra-check"),
          InfraNames.SORT_KEY,
          AttributeValue.fromS("nobody"));

  /** Cannot hold, whatever the item. */
  private static final String NEVER =
      "attribute_exists("
          + InfraNames.PARTITION_KEY
          + ") and attribute_not_exists("
          + InfraNames.PARTITION_KEY
          + ")";

  private final DynamoDbClient client;
  private final String name;
  private final Look look;

  TableLook(DynamoDbClient client, String name, String template) {
    this.client = client;
    this.name = name;
    this.look = new Look("table " + name + " (" + template + ")", template);
  }

  /**
   * What differs.
   *
   * @param regions that must have a replica
   * @param here the one that is looked at
   */
  List<Finding> compare(SequencedSet<String> regions, String here) {
    Optional<TableDescription> table =
        look.ask(
            "dynamodb:DescribeTable", () -> client.describeTable(r -> r.tableName(name)).table());
    if (table.isEmpty()) {
      look.absent();
      return look.findings();
    }
    compare(table.get(), regions, here);
    look.ask(
            "dynamodb:DescribeTimeToLive",
            () -> client.describeTimeToLive(r -> r.tableName(name)).timeToLiveDescription())
        .ifPresent(ttl ->
            look.same(
                "the attribute by which items end",
                InfraNames.EXPIRY,
                ttl.attributeName() == null ? "none" : ttl.attributeName()));
    look.ask(
            "dynamodb:DescribeContinuousBackups",
            () ->
                client
                    .describeContinuousBackups(r -> r.tableName(name))
                    .continuousBackupsDescription())
        .ifPresent(backups ->
            look.same(
                "point-in-time recovery",
                "ENABLED",
                backups.pointInTimeRecoveryDescription() == null
                    ? "DISABLED"
                    : backups
                        .pointInTimeRecoveryDescription()
                        .pointInTimeRecoveryStatusAsString()));
    permissions();
    return look.findings();
  }

  private void compare(TableDescription table, SequencedSet<String> regions, String here) {
    look.same("the key", "pk (HASH), sk (RANGE)", keys(table));
    look.same(
        "billing",
        "PAY_PER_REQUEST",
        table.billingModeSummary() == null
            ? "PROVISIONED"
            : table.billingModeSummary().billingModeAsString());
    StreamViewType view =
        table.streamSpecification() == null ? null : table.streamSpecification().streamViewType();
    if (view != StreamViewType.NEW_AND_OLD_IMAGES && view != StreamViewType.NEW_IMAGE) {
      look.same("the stream", "NEW_AND_OLD_IMAGES", view == null ? "off" : view.toString());
    }
    if (regions.size() > 1) {
      TreeSet<String> there =
          table.replicas().stream()
              .map(ReplicaDescription::regionName)
              .collect(Collectors.toCollection(TreeSet::new));
      there.add(here);
      look.same("the replicas' regions", regions, there);
    }
  }

  private static String keys(TableDescription table) {
    return table.keySchema().stream()
        .sorted(java.util.Comparator.comparing(KeySchemaElement::keyTypeAsString))
        .map(key -> key.attributeName() + " (" + key.keyTypeAsString() + ")")
        .collect(Collectors.joining(", "));
  }

  private void permissions() {
    Set<String> refusals = Set.of("ConditionalCheckFailedException");
    look.mayDo(
        "dynamodb:GetItem", Set.of(), () -> client.getItem(r -> r.tableName(name).key(NOBODY)));
    look.mayDo(
        "dynamodb:Query",
        Set.of(),
        () ->
            client.query(r ->
                r.tableName(name)
                    .limit(1)
                    .keyConditionExpression(InfraNames.PARTITION_KEY + " = :nobody")
                    .expressionAttributeValues(
                        Map.of(":nobody", AttributeValue.fromS("muster-infra-check")))));
    look.mayDo(
        "dynamodb:PutItem",
        refusals,
        () -> client.putItem(r -> r.tableName(name).item(NOBODY).conditionExpression(NEVER)));
  }
}
