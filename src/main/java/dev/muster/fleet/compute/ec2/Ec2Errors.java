package dev.muster.fleet.compute.ec2;

import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/** What EC2's error codes mean for whoever asked. */
final class Ec2Errors {
  /** There may be room later, or elsewhere. */
  private static final Set<String> CAPACITY =
      Set.of(
          "InsufficientInstanceCapacity",
          "InsufficientHostCapacity",
          "InsufficientReservedInstanceCapacity",
          "InsufficientCapacity",
          "InsufficientFreeAddressesInSubnet",
          "InstanceLimitExceeded",
          "VcpuLimitExceeded",
          "MaxSpotInstanceCountExceeded",
          "SpotMaxPriceTooLow",
          "UnfulfillableCapacity",
          "Unsupported",
          "VolumeLimitExceeded");

  /** Of those, what says something of a type in a zone. */
  private static final Set<String> STOCK =
      Set.of(
          "InsufficientInstanceCapacity",
          "InsufficientHostCapacity",
          "InsufficientCapacity",
          "UnfulfillableCapacity",
          "SpotMaxPriceTooLow",
          "Unsupported");

  private static final Set<String> DENIED =
      Set.of(
          "UnauthorizedOperation",
          "AuthFailure",
          "AccessDenied",
          "AccessDeniedException",
          "OptInRequired",
          "InvalidClientTokenId",
          "SignatureDoesNotMatch",
          "PendingVerification",
          "Blocked");

  private Ec2Errors() {}

  static boolean capacity(String code) {
    return CAPACITY.contains(code);
  }

  /** Whether an offer was out of capacity, and not the account at its limit. */
  static boolean outOfStock(String code) {
    return STOCK.contains(code);
  }

  static boolean denied(AwsServiceException e) {
    return DENIED.contains(code(e));
  }

  /** Whether a machine, template or the like is not, or no longer, there. */
  static boolean notFound(AwsServiceException e) {
    return code(e).endsWith(".NotFound")
        || code(e).endsWith("NotFoundException")
        || code(e).endsWith("Malformed");
  }

  static String code(AwsServiceException e) {
    String code = e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorCode();
    return code == null ? "" : code;
  }

  /** In the reconcilers' terms. */
  static RuntimeException of(String operation, String region, SdkException e) {
    String what = "EC2 in " + region + ": " + operation + ": ";
    if (e instanceof AwsServiceException service) {
      String said = code(service) + ": " + message(service);
      if (DENIED.contains(code(service))) {
        return new StalledException(
            what + said + "; allow it to the appliance's role, or to the environment's", e);
      }
      boolean ours = service.statusCode() >= 400 && service.statusCode() < 500;
      return !ours || service.isThrottlingException()
          ? new TransientException(what + said, e)
          : new StalledException(what + said, e);
    }
    // Without credentials or a connection: either may come.
    return new TransientException(what + e.getMessage(), e);
  }

  private static String message(AwsServiceException e) {
    return e.awsErrorDetails() == null
        ? String.valueOf(e.getMessage())
        : e.awsErrorDetails().errorMessage();
  }
}
