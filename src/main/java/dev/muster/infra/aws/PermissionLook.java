package dev.muster.infra.aws;

import dev.muster.infra.Permission;
import dev.muster.kernel.notice.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.ContextEntry;
import software.amazon.awssdk.services.iam.model.ContextKeyTypeEnum;
import software.amazon.awssdk.services.iam.model.EvaluationResult;
import software.amazon.awssdk.services.iam.model.PolicyEvaluationDecisionType;
import software.amazon.awssdk.services.iam.model.ResourceSpecificResult;

/** What a role may do beside what a template's policy allows, by IAM's own simulator. */
final class PermissionLook {
  private final String role;
  private final String template;

  /**
   * Looks at a role.
   *
   * @param role its ARN
   * @param template whose policy is compared
   */
  PermissionLook(String role, String template) {
    this.role = role;
    this.template = template;
  }

  /**
   * Each permission that is missing; a warning where none of the clients may ask.
   *
   * @param clients with the credentials of those who may be allowed to, the likelier first
   */
  List<Finding> compare(List<Permission> permissions, List<IamClient> clients) {
    String refusal = "";
    for (IamClient client : clients) {
      try {
        return findings(permissions, client);
      } catch (AwsServiceException e) {
        refusal = Look.code(e);
      } catch (SdkClientException e) {
        throw new Unreachable("AWS cannot be asked what " + role + " may do: " + e.getMessage(), e);
      }
    }
    return List.of(
        Finding.warning(
            thing(),
            "not looked at, as iam:SimulatePrincipalPolicy failed: " + refusal,
            "ask as one who may: aws iam simulate-principal-policy --policy-source-arn %s --action-names %s"
                .formatted(
                    role,
                    permissions.stream()
                        .flatMap(permission -> permission.actions().stream())
                        .distinct()
                        .sorted()
                        .collect(Collectors.joining(" ")))));
  }

  private String thing() {
    return "permissions of " + role;
  }

  private List<Finding> findings(List<Permission> permissions, IamClient client) {
    List<Finding> findings = new ArrayList<>();
    for (Permission permission : permissions) {
      List<ContextEntry> context =
          permission.context().entrySet().stream()
              .map(entry ->
                  ContextEntry.builder()
                      .contextKeyName(entry.getKey())
                      .contextKeyType(ContextKeyTypeEnum.STRING)
                      .contextKeyValues(entry.getValue())
                      .build())
              .toList();
      client
          .simulatePrincipalPolicyPaginator(request -> {
            request.policySourceArn(role).actionNames(permission.actions()).contextEntries(context);
            if (!permission.resources().isEmpty()) {
              request.resourceArns(permission.resources());
            }
          })
          .evaluationResults()
          .forEach(result -> judge(result, findings));
    }
    return findings.isEmpty()
        ? List.of(Finding.well(thing(), "as the policy in template " + template))
        : findings.stream().distinct().toList();
  }

  /** An action on several things has a result for each of them. */
  private void judge(EvaluationResult result, List<Finding> findings) {
    String action = result.evalActionName();
    if (result.resourceSpecificResults().isEmpty()) {
      judge(action, result.evalResourceName(), result.evalDecision(), findings);
      return;
    }
    for (ResourceSpecificResult each : result.resourceSpecificResults()) {
      judge(action, each.evalResourceName(), each.evalResourceDecision(), findings);
    }
  }

  private void judge(
      String action,
      String resource,
      PolicyEvaluationDecisionType decision,
      List<Finding> findings) {
    if (decision != PolicyEvaluationDecisionType.ALLOWED) {
      findings.add(
          Finding.ill(
              thing(),
              action
                  + ("*".equals(resource) ? "" : " on " + resource)
                  + (decision == PolicyEvaluationDecisionType.EXPLICIT_DENY
                      ? " is denied"
                      : " is not allowed"),
              "allow it, as the policy in template " + template));
    }
  }
}
