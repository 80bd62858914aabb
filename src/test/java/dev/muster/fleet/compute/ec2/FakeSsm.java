package dev.muster.fleet.compute.ec2;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.ssm.SsmClient;
import software.amazon.awssdk.services.ssm.model.GetParameterRequest;
import software.amazon.awssdk.services.ssm.model.GetParameterResponse;
import software.amazon.awssdk.services.ssm.model.ParameterNotFoundException;
import software.amazon.awssdk.services.ssm.model.SsmException;

/** Parameters of one region and account in memory. */
final class FakeSsm implements SsmClient {
  final Map<String, String> parameters = new HashMap<>();
  final Set<String> denied = new HashSet<>();
  final List<String> asked = new ArrayList<>();

  @Override
  public GetParameterResponse getParameter(GetParameterRequest request) {
    asked.add(request.name());
    if (denied.contains(request.name())) {
      throw SsmException.builder()
          .statusCode(400)
          .awsErrorDetails(
              AwsErrorDetails.builder()
                  .errorCode("AccessDeniedException")
                  .errorMessage("not authorized to perform: ssm:GetParameter")
                  .build())
          .build();
    }
    String value = parameters.get(request.name());
    if (value == null) {
      throw ParameterNotFoundException.builder().statusCode(400).build();
    }
    return GetParameterResponse.builder()
        .parameter(parameter -> parameter.name(request.name()).value(value))
        .build();
  }

  @Override
  public String serviceName() {
    return SERVICE_NAME;
  }

  @Override
  public void close() {}
}
