package dev.muster.infra;

import static dev.muster.infra.Cfn.map;
import static dev.muster.infra.Cfn.ref;

import java.util.List;
import java.util.Map;

/** The table through which an environment's appliances keep in step. */
final class TablePart {
  private final EnvironmentPlace place;
  private final Stack stack;

  TablePart(EnvironmentPlace place, Stack stack) {
    this.place = place;
    this.stack = stack;
  }

  /** Streams with both images are what every kind of replica takes; readers use the new one. */
  void add() {
    InfraNames.stateTable(place.environment())
        .ifPresent(name -> {
          stack
              .kept(
                  "State",
                  "AWS::DynamoDB::GlobalTable",
                  map(
                      "TableName",
                      name,
                      "BillingMode",
                      "PAY_PER_REQUEST",
                      "AttributeDefinitions",
                      List.of(
                          map("AttributeName", InfraNames.PARTITION_KEY, "AttributeType", "S"),
                          map("AttributeName", InfraNames.SORT_KEY, "AttributeType", "S")),
                      "KeySchema",
                      List.of(
                          map("AttributeName", InfraNames.PARTITION_KEY, "KeyType", "HASH"),
                          map("AttributeName", InfraNames.SORT_KEY, "KeyType", "RANGE")),
                      "StreamSpecification",
                      map("StreamViewType", "NEW_AND_OLD_IMAGES"),
                      "TimeToLiveSpecification",
                      map("AttributeName", InfraNames.EXPIRY, "Enabled", true),
                      "SSESpecification",
                      map("SSEEnabled", true, "SSEType", "KMS"),
                      "Replicas",
                      place.regions().stream().map(this::replica).toList()))
              .output("StateTable", "The table that appliances share", ref("State"));
        });
  }

  private Map<String, Object> replica(String in) {
    return map(
        "Region",
        in,
        "PointInTimeRecoverySpecification",
        map("PointInTimeRecoveryEnabled", true),
        "DeletionProtectionEnabled",
        true,
        "Tags",
        place.tags());
  }
}
