package dev.muster.agent.protocol;

/** Anything that is a whole body of the agent protocol. */
public sealed interface Message
    permits EnrollRequest,
        SessionGrant,
        SessionRequest,
        Instruction,
        LogChunk,
        Report,
        ReportReply,
        WireError {}
