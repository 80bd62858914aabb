package dev.muster.kernel.replication.aws;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.fixture.Emulator;
import dev.muster.kernel.replication.Item;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/**
 * DynamoDB Local in a process of its own, with tables of its own for each region; the profile
 * {@code dynamodb} fetches it. Without it the tests that need it are skipped, and say so.
 */
public final class DynamoDbLocal implements AutoCloseable {
  private static final Path JARS = Path.of("test/emulators/target/dynamodb-local");

  private final Emulator emulator;

  private DynamoDbLocal(Emulator emulator) {
    this.emulator = emulator;
  }

  public static DynamoDbLocal start() throws IOException {
    assumeTrue(Files.isDirectory(JARS), "DynamoDB Local is not fetched: mvn verify does so");
    return new DynamoDbLocal(
        Emulator.start(
            "dynamodb-local",
            port ->
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-Djava.library.path=" + JARS,
                    "-cp",
                    JARS + "/*",
                    "com.amazonaws.services.dynamodbv2.local.main.ServerRunner",
                    "-inMemory",
                    "-disableTelemetry",
                    "-port",
                    Integer.toString(port))));
  }

  public URI url() {
    return emulator.url();
  }

  /** What a region's table has, leases left out: bodies by key. */
  public Map<String, String> bodies(String region, String table) {
    Map<String, String> bodies = new TreeMap<>();
    try (DynamoDbClient client = client(region)) {
      client
          .scanPaginator(r -> r.tableName(table).consistentRead(true))
          .items()
          .forEach(item -> {
            if (Attributes.read(item) instanceof Attributes.Read.OfItem(Item found)) {
              bodies.put(
                  found.key().writer() + " " + found.key().kind() + "#" + found.key().name(),
                  found.body());
            }
          });
    }
    return bodies;
  }

  public DynamoDbClient client(String region) {
    return DynamoDbClient.builder()
        .httpClient(Apache5HttpClient.create())
        .endpointOverride(url())
        .region(Region.of(region))
        .credentialsProvider(credentials())
        .build();
  }

  public DynamoDbStreamsClient streams(String region) {
    return DynamoDbStreamsClient.builder()
        .httpClient(Apache5HttpClient.create())
        .endpointOverride(url())
        .region(Region.of(region))
        .credentialsProvider(credentials())
        .build();
  }

  private static StaticCredentialsProvider credentials() {
    return StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));
  }

  /** Makes a table as the template has it, and opens it. */
  public DynamoDbTable table(String region, String name) {
    try (DynamoDbClient client = client(region)) {
      client.createTable(definition(name, "pk", "sk").build());
    }
    return new DynamoDbTable(name, client(region), streams(region));
  }

  static CreateTableRequest.Builder definition(String name, String hash, String range) {
    return CreateTableRequest.builder()
        .tableName(name)
        .billingMode(BillingMode.PAY_PER_REQUEST)
        .attributeDefinitions(List.of(text(hash), text(range)))
        .keySchema(List.of(key(hash, KeyType.HASH), key(range, KeyType.RANGE)))
        .streamSpecification(
            s -> s.streamEnabled(true).streamViewType(StreamViewType.NEW_AND_OLD_IMAGES));
  }

  private static AttributeDefinition text(String name) {
    return AttributeDefinition.builder()
        .attributeName(name)
        .attributeType(ScalarAttributeType.S)
        .build();
  }

  private static KeySchemaElement key(String name, KeyType type) {
    return KeySchemaElement.builder().attributeName(name).keyType(type).build();
  }

  @Override
  public void close() {
    emulator.close();
  }
}
