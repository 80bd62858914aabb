package dev.muster.infra.aws;

import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.infra.InfraNames;
import dev.muster.infra.Permission;
import dev.muster.kernel.notice.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * Compares what is there with what a config needs, with the credentials of whoever runs it: on the
 * appliance's machine those are its own. Budgets, rules and the API are not looked at, as the SDK
 * has no module for them in the version that we use: {@link #unseen} says so. Whether machines may
 * be launched is {@code muster doctor}'s to say, which tries it.
 */
public final class InfraCheck implements AutoCloseable {
  /** Of IAM, or as STS names whoever has taken it on, without its path then. */
  private static final Pattern ROLE =
      Pattern.compile(
          "arn:(?<partition>[a-z-]+):(?:iam|sts)::(?<account>\\d+):(?:assumed-)?role/(?<name>.+)");

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
    if (region.equals(InfraNames.home(fleet, environment))) { // IAM is the same in every region
      findings.addAll(permissions(environment, region, template));
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

  /** What the account's role may do; without one, the role of whoever runs this. */
  private List<Finding> permissions(EnvironmentSpec environment, String region, String template) {
    Optional<String> account = environment.accountRole();
    Look look = new Look("who asks (" + template + ")", template);
    Optional<Matcher> role =
        account
            .or(() ->
                look.ask(
                    "sts:GetCallerIdentity",
                    () -> clients.identity(region, account).getCallerIdentity().arn()))
            .map(ROLE::matcher)
            .filter(Matcher::matches);
    if (role.isEmpty()) {
      return look.findings().stream().filter(finding -> !finding.ok()).toList(); // a user's are his
    }
    Matcher arn = role.get();
    List<Permission> needed =
        Permission.of(fleet, environment, arn.group("partition"), arn.group("account"));
    if (needed.isEmpty()) {
      return List.of();
    }
    List<IamClient> asking = new ArrayList<>();
    asking.add(clients.permissions(region, Optional.empty()));
    account.ifPresent(own -> asking.add(clients.permissions(region, account)));
    return new PermissionLook(
            account.orElseGet(() ->
                "arn:%s:iam::%s:role/%s"
                    .formatted(
                        arn.group("partition"),
                        arn.group("account"),
                        arn.group("name").replaceFirst("/.*", ""))),
            template)
        .compare(needed, asking);
  }

  /** What of a region is not looked at, and how to look at it by hand. */
  public static List<String> unseen(String region) {
    return List.of(
        "API for webhooks: aws apigatewayv2 get-apis --region " + region,
        "rule of interruption warnings: aws events list-rules --region " + region);
  }

  /** What of an environment is not looked at; it has one budget, whatever its regions. */
  public List<String> unseen(String name, String region) {
    return fleet
        .environment(name)
        .filter(environment -> environment.budget().isPresent())
        .filter(environment -> region.equals(InfraNames.home(fleet, environment)))
        .map(environment ->
            "budget %s: aws budgets describe-budget --account-id %s --budget-name %s"
                .formatted(
                    InfraNames.budget(environment),
                    environment
                        .accountRole()
                        .map(ROLE::matcher)
                        .filter(Matcher::matches)
                        .map(arn -> arn.group("account"))
                        .orElse("ACCOUNT"),
                    InfraNames.budget(environment)))
        .stream()
        .toList();
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
