package dev.muster.infra.aws;

import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.EnvironmentSpec.Budget;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.infra.InfraNames;
import dev.muster.infra.Permission;
import dev.muster.kernel.notice.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.iam.IamClient;

/**
 * Compares what is there with what a config needs, with the credentials of whoever runs it: on the
 * appliance's machine those are its own. Whether machines may be launched is {@code muster
 * doctor}'s to say, which tries it.
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
    String deliveries = InfraNames.deliveries(region);
    String forDeliveries = "needed where GitHub's deliveries come through SQS";
    List<Finding> findings =
        new ArrayList<>(
            new QueueLook(clients.queues(region), deliveries, region).compare(forDeliveries));
    findings.addAll(new ApiLook(clients.apis(region), deliveries, region).compare(forDeliveries));
    QueueLook warnings =
        new QueueLook(clients.queues(region), InfraNames.interruptions(region), region);
    findings.addAll(
        warnings.compare("needed where the appliance's own stack is in another region"));
    warnings
        .arn()
        .ifPresent(
            arn -> findings.addAll(new RuleLook(clients.rules(region), arn, region).compare()));
    return findings;
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
      environment
          .budget()
          .ifPresent(budget -> findings.addAll(budget(environment, budget, region, template)));
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

  private List<Finding> budget(
      EnvironmentSpec environment, Budget budget, String region, String template) {
    Optional<String> account = environment.accountRole();
    String name = InfraNames.budget(environment);
    Look asking = new Look("budget " + name, template);
    return asking
        .ask(
            "sts:GetCallerIdentity",
            () -> clients.identity(region, account).getCallerIdentity().account())
        .map(number ->
            new BudgetLook(clients.budgets(region, account), number, name, template)
                .compare(budget))
        .orElseGet(asking::findings);
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
