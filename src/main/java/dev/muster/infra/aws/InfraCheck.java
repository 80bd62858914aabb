package dev.muster.infra.aws;

import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.infra.InfraNames;
import dev.muster.kernel.notice.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * Compares what is there with what a config needs, with the credentials of whoever runs it: on the
 * appliance's machine those are its own. Budgets, rules and the API are not looked at: the SDK has
 * no module for them in the version that we use, or their stack says it better. What EC2 allows is
 * {@code muster doctor}'s to say.
 */
public final class InfraCheck implements AutoCloseable {
  private final FleetSpec fleet;
  private final Clients clients = new Clients();

  /** Makes no call. */
  public InfraCheck(FleetSpec fleet) {
    this.fleet = fleet;
  }

  /** What the appliances of a region share. */
  public List<Finding> region(String region) {
    List<Finding> findings = new ArrayList<>();
    SqsClient client = clients.queues(region);
    findings.addAll(
        queue(
            client,
            InfraNames.deliveries(region),
            region,
            "needed where GitHub's deliveries come through SQS"));
    findings.addAll(
        queue(
            client,
            InfraNames.interruptions(region),
            region,
            "needed where the appliance's own stack is in another region"));
    return findings;
  }

  private static List<Finding> queue(
      SqsClient client, String name, String region, String whoNeedsIt) {
    Look look = new Look("queue " + name, region);
    Optional<String> url =
        look.ask("sqs:GetQueueUrl", () -> client.getQueueUrl(r -> r.queueName(name)).queueUrl());
    if (url.isEmpty()) {
      look.absentWhereWanted(whoNeedsIt);
      return look.findings();
    }
    look.ask(
            "sqs:GetQueueAttributes",
            () ->
                client
                    .getQueueAttributes(
                        r -> r.queueUrl(url.get()).attributeNames(QueueAttributeName.ALL))
                    .attributes())
        .ifPresent(attributes -> compare(look, name, attributes));
    look.mayDo(
        "sqs:DeleteMessage",
        Set.of("ReceiptHandleIsInvalid", "InvalidParameterValue", "InvalidAddress"),
        () -> client.deleteMessage(r -> r.queueUrl(url.get()).receiptHandle("muster-infra-check")));
    return look.findings();
  }

  private static void compare(Look look, String name, Map<QueueAttributeName, String> there) {
    String redrive = there.getOrDefault(QueueAttributeName.REDRIVE_POLICY, "none");
    if (!redrive.contains(":" + InfraNames.dead(name) + "\"")) {
      look.same("the dead-letter queue", InfraNames.dead(name), redrive);
    }
    boolean encrypted =
        "true".equals(there.get(QueueAttributeName.SQS_MANAGED_SSE_ENABLED))
            || there.containsKey(QueueAttributeName.KMS_MASTER_KEY_ID);
    look.same("encryption", true, encrypted);
  }

  /** What an environment has in a region. */
  public List<Finding> environment(String name, String region) {
    EnvironmentSpec environment =
        fleet
            .environment(name)
            .orElseThrow(() -> new IllegalArgumentException("There is no environment " + name));
    String template = name + "-" + region;
    Optional<String> account = environment.accountRole();
    List<Finding> findings = new ArrayList<>();
    if (account.isPresent()) {
      Look role = new Look("account role " + account.get(), template);
      role.ask("sts:AssumeRole", () -> clients.identity(region, account).getCallerIdentity());
      findings.addAll(role.findings());
      if (role.findings().stream().anyMatch(finding -> !finding.ok())) {
        return findings; // nothing else of the account can be seen
      }
    }
    InfraNames.stateTable(environment)
        .ifPresent(table ->
            findings.addAll(
                new TableLook(clients.tables(region, account), table, template)
                    .compare(new TreeSet<>(InfraNames.regions(fleet, environment)), region)));
    InfraNames.bucket(environment, InfraNames.home(fleet, environment), region)
        .ifPresent(bucket ->
            findings.addAll(
                new BucketLook(clients.buckets(region, account), bucket, template)
                    .compare(InfraNames.regions(fleet, environment).size() > 1)));
    return findings;
  }

  /** Everything, region by region and environment by environment. */
  public List<Finding> all() {
    List<Finding> findings = new ArrayList<>();
    InfraNames.regions(fleet).forEach(region -> findings.addAll(region(region)));
    new TreeMap<>(fleet.environments())
        .values()
        .forEach(environment ->
            InfraNames.regions(fleet, environment)
                .forEach(region -> findings.addAll(environment(environment.name(), region))));
    return findings;
  }

  @Override
  public void close() {
    clients.close();
  }
}
