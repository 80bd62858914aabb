package dev.muster.fleet.compute.ec2;

import dev.muster.kernel.reconcile.StalledException;
import java.util.Set;
import software.amazon.awssdk.services.ssm.SsmClient;
import software.amazon.awssdk.services.ssm.model.ParameterNotFoundException;
import software.amazon.awssdk.services.ssm.model.SsmException;

/** Reads which image a parameter of SSM names: AWS's public ones, or one of the account's own. */
final class ImageParameters {
  private static final Set<String> DENIED = Set.of("AccessDeniedException", "AccessDenied");

  private final Ec2Accounts accounts;

  ImageParameters(Ec2Accounts accounts) {
    this.accounts = accounts;
  }

  /**
   * The id of the image that {@code parameter} names now.
   *
   * @param role empty for the appliance's own account
   * @param runner for messages
   * @throws Unsuitable when there is no such parameter, or it does not hold an image's id
   * @throws StalledException when reading it is not allowed
   */
  String image(String region, String role, String parameter, String runner) {
    String value = value(region, role, parameter, runner);
    if (!Images.isId(value)) {
      throw new Unsuitable(
          ("the parameter %s in %s holds no id of an image, as ami-0123456789abcdef0: name one that"
                  + " does under image of runner %s")
              .formatted(parameter, region, runner));
    }
    return value;
  }

  private String value(String region, String role, String parameter, String runner) {
    SsmClient ssm = accounts.parameters(region, role);
    try {
      return ssm.getParameter(request -> request.name(parameter)).parameter().value().strip();
    } catch (ParameterNotFoundException e) {
      throw new Unsuitable(
          ("there is no parameter %s in SSM of %s: make it there, or name another image under runner"
                  + " %s")
              .formatted(parameter, region, runner));
    } catch (SsmException e) {
      if (!DENIED.contains(Ec2Errors.code(e))) {
        throw e;
      }
      throw new StalledException(
          "Cannot read the parameter %s in SSM of %s, which names the image of runner %s: %s; allow ssm:GetParameter on it to %s"
              .formatted(
                  parameter,
                  region,
                  runner,
                  e.awsErrorDetails().errorMessage(),
                  role.isEmpty() ? "the appliance's role" : role),
          e);
    }
  }
}
