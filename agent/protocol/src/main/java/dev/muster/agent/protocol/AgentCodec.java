package dev.muster.agent.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.Function;

/** Between messages and the UTF-8 JSON that carries them. Safe for use by many threads. */
public final class AgentCodec {
  private static final int MAX_DEPTH = 8;

  private static final Map<Class<? extends Message>, Function<Fields, Message>> READERS =
      Map.of(
          EnrollRequest.class, EnrollRequest::from,
          SessionRequest.class, SessionRequest::from,
          SessionGrant.class, SessionGrant::from,
          Instruction.class, Instruction::from,
          Report.class, Report::from,
          LogChunk.class, LogChunk::from,
          ReportReply.class, ReportReply::from,
          WireError.class, WireError::from);

  private final JSON json;

  public AgentCodec() {
    this.json =
        JSON.builder(
                JsonFactory.builder()
                    .streamReadConstraints(
                        StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxDocumentLength(AgentApi.MAX_BODY)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .build())
            .build();
  }

  public byte[] encode(Message message) {
    Map<String, Object> wire =
        switch (message) {
          case EnrollRequest enroll -> enroll.toWire();
          case SessionRequest request -> request.toWire();
          case SessionGrant grant -> grant.toWire();
          case Instruction.Assign assign -> assign.toWire();
          case Instruction.Stop stop -> stop.toWire();
          case LogChunk chunk -> chunk.toWire();
          case Report report -> report.toWire();
          case ReportReply reply -> reply.toWire();
          case WireError error -> error.toWire();
        };
    try {
      return json.asBytes(wire);
    } catch (IOException e) {
      throw new UncheckedIOException("encode " + message.getClass().getSimpleName(), e);
    }
  }

  /**
   * Reads one message.
   *
   * @param type the message expected; {@link Instruction} for either of its kinds
   * @throws MalformedMessage when the body is larger than {@link AgentApi#MAX_BODY}, not one JSON
   *     object, or not this message; the text is fit for an answer and for a log
   */
  public <T extends Message> T decode(Class<T> type, byte[] body) {
    Function<Fields, Message> reader = READERS.get(type);
    if (reader == null) {
      throw new IllegalArgumentException(type.getSimpleName() + " is not read on its own");
    }
    try {
      return type.cast(reader.apply(parse(body)));
    } catch (MalformedMessage | IllegalArgumentException e) {
      throw new MalformedMessage("%s: %s".formatted(type.getSimpleName(), e.getMessage()), e);
    }
  }

  private Fields parse(byte[] body) {
    if (body.length > AgentApi.MAX_BODY) {
      throw new MalformedMessage(
          "body of %d bytes is over the limit of %d".formatted(body.length, AgentApi.MAX_BODY));
    }
    try (JsonParser parser = json.createParser(body)) {
      Object value = json.anyFrom(parser);
      if (!(value instanceof Map<?, ?> object) || parser.nextToken() != null) {
        throw new MalformedMessage("body must be one JSON object");
      }
      return new Fields(object);
    } catch (IOException e) {
      // The parser's own message may quote the body, which may hold a credential.
      throw new MalformedMessage("body is not well-formed JSON (%s)".formatted(where(e)));
    }
  }

  private static String where(IOException e) {
    return e instanceof com.fasterxml.jackson.core.JsonProcessingException json
            && json.getLocation() != null
        ? "line %d, column %d"
            .formatted(json.getLocation().getLineNr(), json.getLocation().getColumnNr())
        : e.getClass().getSimpleName();
  }
}
