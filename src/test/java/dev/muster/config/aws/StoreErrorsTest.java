package dev.muster.config.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;

class StoreErrorsTest {
  private static final String PLACE = "SSM parameter /muster/github-webhook";

  @Test
  void deniedNamesThePermissionAndTheParameter() {
    assertThat(of(400, "AccessDeniedException"))
        .isInstanceOf(StalledException.class)
        .hasMessageContaining(PLACE)
        .hasMessageContaining("allow ssm:GetParameter on it to the appliance's role")
        .hasMessageContaining("kms:Decrypt");
  }

  @ParameterizedTest
  @CsvSource({
    "400, ThrottlingException, true",
    "500, InternalServerError, true",
    "503, ServiceUnavailable, true",
    "400, InvalidRequestException, false",
    "400, ValidationException, false"
  })
  void saysWhetherTimeMayMendIt(int status, String code, boolean mayMend) {
    assertThat(of(status, code))
        .isInstanceOf(mayMend ? TransientException.class : StalledException.class)
        .hasMessageContaining(code)
        .hasMessageContaining(PLACE);
  }

  @Test
  void withoutCredentialsItSaysWhatIsNeeded() {
    assertThat(
            StoreErrors.of(
                PLACE, "ssm:GetParameter", SdkClientException.create("Unable to load credentials")))
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("Unable to load credentials; the appliance needs a region");
  }

  private static RuntimeException of(int status, String code) {
    return StoreErrors.of(
        PLACE,
        "ssm:GetParameter",
        AwsServiceException.builder()
            .statusCode(status)
            .awsErrorDetails(
                AwsErrorDetails.builder().errorCode(code).errorMessage("as AWS says").build())
            .build());
  }
}
