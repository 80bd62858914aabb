package dev.muster.infra;

import static dev.muster.infra.Cfn.arn;
import static dev.muster.infra.Cfn.map;
import static dev.muster.infra.Cfn.ref;
import static dev.muster.infra.Cfn.sub;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** What the appliances may do in an environment, and what its runners may. */
final class RolesPart {
  private final EnvironmentPlace place;
  private final Stack stack;

  RolesPart(EnvironmentPlace place, Stack stack) {
    this.place = place;
    this.stack = stack;
  }

  void add() {
    runnerRoles();
    place.environment().accountRole().ifPresentOrElse(this::accountRole, this::appliancePolicy);
  }

  /** Runners run strangers' code: what they may do in AWS is nothing, until somebody adds it. */
  private void runnerRoles() {
    int number = 0;
    for (String profile : profiles()) {
      String name = "Runner" + (number == 0 ? "" : number + 1);
      number++;
      stack
          .resource(
              name + "Role",
              "AWS::IAM::Role",
              map(
                  "RoleName",
                  profile,
                  "Description",
                  "Muster's runners in "
                      + place.environment().name()
                      + "; jobs can use what it may do",
                  "AssumeRolePolicyDocument",
                  Cfn.trust("ec2.amazonaws.com"),
                  "Tags",
                  place.tags()))
          .resource(
              name + "Profile",
              "AWS::IAM::InstanceProfile",
              map("InstanceProfileName", profile, "Roles", List.of(ref(name + "Role"))));
    }
  }

  private List<String> profiles() {
    TreeSet<String> profiles = new TreeSet<>();
    place
        .environment()
        .regions()
        .values()
        .forEach(network -> network.instanceProfile().ifPresent(profiles::add));
    return List.copyOf(profiles);
  }

  private List<Object> runnerRoleArns() {
    List<Object> arns = new ArrayList<>();
    for (int i = 0; i < profiles().size(); i++) {
      arns.add(arn("Runner" + (i == 0 ? "" : i + 1) + "Role"));
    }
    return arns;
  }

  private Policies policies() {
    return new Policies(place.environment(), place.regions(), runnerRoleArns(), place.buckets());
  }

  private void accountRole(String roleArn) {
    String name = roleArn.substring(roleArn.lastIndexOf('/') + 1);
    stack
        .parameter(
            "ApplianceRoleArn",
            "arn:aws[a-z-]*:iam::[0-9]{12}:role/.+",
            "The role that the appliances run with; without it nobody can take the account's role")
        .condition("HasAppliance", Cfn.given("ApplianceRoleArn"))
        .resource(
            "AccountRole",
            "AWS::IAM::Role",
            "HasAppliance",
            map(
                "RoleName",
                name,
                "Description",
                "What Muster's appliances may do in environment " + place.environment().name(),
                "AssumeRolePolicyDocument",
                Cfn.policy(
                    List.of(
                        map(
                            "Effect",
                            "Allow",
                            "Principal",
                            map("AWS", ref("ApplianceRoleArn")),
                            "Action",
                            "sts:AssumeRole"))),
                "Policies",
                List.of(
                    map(
                        "PolicyName",
                        "appliance",
                        "PolicyDocument",
                        Cfn.policy(accountStatements(name)))),
                "Tags",
                place.tags()))
        .output(
            "AccountRoleArn",
            "HasAppliance",
            "As account_role in the config, and in AccountRoleArns of the appliance's stack",
            arn("AccountRole"));
  }

  /** It may also ask what it may do, for {@code muster infra check}. */
  private List<Map<String, Object>> accountStatements(String role) {
    List<Map<String, Object>> statements = new ArrayList<>(policies().statements(true));
    statements.add(
        Cfn.allow(
            "LookAtItself",
            "iam:SimulatePrincipalPolicy",
            sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/" + role)));
    return statements;
  }

  /** What the appliance's own stack does not allow yet: that has the EC2 part. */
  private void appliancePolicy() {
    List<Map<String, Object>> statements = policies().statements(false);
    if (statements.isEmpty()) {
      return;
    }
    stack
        .parameter(
            "ApplianceRoleName",
            "[\\w+=,.@-]{1,64}",
            "The role that the appliances run with, which may then use the table and the buckets")
        .condition("HasAppliance", Cfn.given("ApplianceRoleName"))
        .resource(
            "AppliancePolicy",
            "AWS::IAM::ManagedPolicy",
            map(
                "Description",
                "What Muster's appliances do with the state and the cache of "
                    + place.environment().name(),
                "Roles",
                Cfn.when("HasAppliance", List.of(ref("ApplianceRoleName"))),
                "PolicyDocument",
                Cfn.policy(statements)))
        .output("AppliancePolicyArn", "For the role of the appliances", ref("AppliancePolicy"));
  }
}
