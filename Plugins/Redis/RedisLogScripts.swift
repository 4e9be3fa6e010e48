/// The scripts of the log role.
///
/// A log is a hash `…{log}:h` and a stream `…{log}:s`. The hash has `identity`; `first`, the lowest LSN that
/// is held; `last`, the highest that was given out; `total`, the bytes of all entries there ever were, and
/// `base`, of those that were trimmed; `owner`, the token of the open log; `holder`, whose it is; `client`
/// and `run`, the session that lives as long as the holder does. The stream has entry LSN as `LSN-0`: `c` its
/// checksum, `t` the bytes of all entries up to it, `e` the entry.
enum RedisLogScripts {
    private static let preamble = #"""
        local head, stream = ARGV[1] .. '{log}:h', ARGV[1] .. '{log}:s'
        local function whole(number) return string.format('%.0f', number) end
        local function lost() return redis.error_reply('HFLOST the log has another holder or another end') end

        """#

    /// Takes a log whose owner is the one that was seen.
    ///
    /// `ARGV`: prefix, the layout, an identity to take where there is none, the owner that was seen, then
    /// token, holder, client and run of the new one. Answers layout, identity, first, last, or nothing where
    /// another was quicker.
    static let claim = RedisScript(
        name: "log-claim",
        source: preamble + #"""
            if not redis.call('HGET', head, 'identity') then
              redis.call(
                'HSET', head, 'layout', ARGV[2], 'identity', ARGV[3], 'first', '1', 'last', '0', 'total', '0',
                'base', '0')
            end
            if (redis.call('HGET', head, 'owner') or '') ~= ARGV[4] then return false end
            redis.call('HSET', head, 'owner', ARGV[5], 'holder', ARGV[6], 'client', ARGV[7], 'run', ARGV[8])
            return redis.call('HMGET', head, 'layout', 'identity', 'first', 'last')
            """#)

    /// Gives a log back.
    ///
    /// `ARGV`: prefix, token.
    static let release = RedisScript(
        name: "log-release",
        source: preamble + #"""
            if redis.call('HGET', head, 'owner') ~= ARGV[2] then return 0 end
            redis.call('HDEL', head, 'owner', 'holder', 'client', 'run')
            return 1
            """#)

    /// Appends entries where the log still ends where its holder knows it to end.
    ///
    /// `ARGV`: prefix, token, the last LSN, the bytes of the entries, the bound of the log or 0, then for
    /// each entry its checksum and itself.
    static let append = RedisScript(
        name: "log-append",
        source: preamble + #"""
            local known = redis.call('HMGET', head, 'owner', 'last', 'total', 'base')
            if known[1] ~= ARGV[2] or known[2] ~= ARGV[3] then return lost() end
            local lsn, total, bound = tonumber(known[2]), tonumber(known[3]), tonumber(ARGV[5])
            local held = total - tonumber(known[4])
            if bound > 0 and held + tonumber(ARGV[4]) > bound then
              return redis.error_reply('HFFULL ' .. whole(held))
            end
            for at = 6, #ARGV, 2 do
              lsn, total = lsn + 1, total + #ARGV[at + 1]
              local fields = { 'c', ARGV[at], 't', whole(total), 'e', ARGV[at + 1] }
              redis.call('XADD', stream, whole(lsn) .. '-0', unpack(fields))
            end
            redis.call('HSET', head, 'last', whole(lsn), 'total', whole(total))
            return whole(lsn)
            """#)

    /// Answers entries: for each its LSN, its checksum and itself, up to a number of bytes, one at least.
    ///
    /// `ARGV`: prefix, identity, the first LSN, the bytes.
    static let read = RedisScript(
        name: "log-read",
        source: preamble + #"""
            if redis.call('HGET', head, 'identity') ~= ARGV[2] then return lost() end
            local from, room, out, wanted = ARGV[3], tonumber(ARGV[4]), {}, 1
            while true do
              local page, bytes = redis.call('XRANGE', stream, from, '+', 'COUNT', wanted), 0
              for _, entry in ipairs(page) do
                local fields = entry[2]
                local size = #fields[6]
                if #out > 0 and size > room then return out end
                out[#out + 1], out[#out + 2], out[#out + 3] = entry[1]:match('^%d+'), fields[2], fields[6]
                room, bytes = room - size, bytes + size
                if room <= 0 or #out >= 3000 then return out end
              end
              if #page < wanted then return out end
              from = whole(tonumber(out[#out - 2]) + 1) .. '-0'
              -- What is read at once stays small, whatever the size of the entries.
              wanted = math.max(1, math.min(256, math.floor(room / (bytes / #page + 1))))
            end
            """#)

    /// Answers what the log holds: owner, first, last, bytes.
    ///
    /// `ARGV`: prefix.
    static let bounds = RedisScript(
        name: "log-bounds",
        source: preamble + #"""
            local known = redis.call('HMGET', head, 'owner', 'first', 'last', 'total', 'base')
            if not known[5] then return lost() end
            local bytes = whole(tonumber(known[4]) - tonumber(known[5]))
            return { known[1] or '', known[2], known[3], bytes }
            """#)

    /// Lets go of entries.
    ///
    /// `ARGV`: prefix, token, the first LSN that stays.
    static let trim = RedisScript(
        name: "log-trim",
        source: preamble + #"""
            local known = redis.call('HMGET', head, 'owner', 'first', 'last', 'total')
            if known[1] ~= ARGV[2] then return lost() end
            local before = math.min(tonumber(ARGV[3]), tonumber(known[3]) + 1)
            if before <= tonumber(known[2]) then return 0 end
            redis.call('XTRIM', stream, 'MINID', '=', whole(before) .. '-0')
            local next, base = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1], known[4]
            if next then base = whole(tonumber(next[2][4]) - #next[2][6]) end
            redis.call('HSET', head, 'first', whole(before), 'base', base)
            return 1
            """#)
}
