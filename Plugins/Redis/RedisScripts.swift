/// The scripts of the store role, and what they share.
///
/// Lua's own `<` on strings follows the locale of the server, and stops at a NUL; versions are compared as
/// three numbers instead. Equality is that of bytes.
enum RedisScripts {
    /// Begins every script of a store: the content must still be what the connection began with.
    static let preamble = #"""
        local prefix, zero = ARGV[1], string.rep('\0', 16)
        if redis.call('HGET', prefix .. 'meta', 'identity') ~= ARGV[2] then
          return redis.error_reply('HFGONE the content is not that of this connection')
        end
        local now = tonumber(ARGV[3])

        local function above(a, b)
          if a == b then return false end
          local a1, a2, a3 = struct.unpack('>I6I5I5', a)
          local b1, b2, b3 = struct.unpack('>I6I5I5', b)
          if a1 ~= b1 then return a1 > b1 end
          if a2 ~= b2 then return a2 > b2 end
          return a3 > b3
        end

        local function name_of(ns, key)
          return prefix .. '{' .. #ns .. ':' .. ns .. key .. '}'
        end

        -- A document: version, flags, expiry; its value lies beside it.
        local function document_of(meta)
          if not meta then return nil end
          local expires = struct.unpack('>i8', meta, 18)
          return { version = meta:sub(1, 16), flags = meta:byte(17), expires = expires }
        end

        -- An item: id, kind, version unless it is the id, expiry if there is one, value.
        local function item_of(text)
          local kind, at = text:byte(17), 18
          local item = { version = text:sub(1, 16), flags = kind % 4, expires = 0, text = text }
          if kind % 8 >= 4 then
            item.version = text:sub(at, at + 15)
            at = at + 16
          end
          if kind >= 8 then
            item.expires = struct.unpack('>i8', text, at)
            at = at + 8
          end
          item.value_at = at
          return item
        end

        local function visible(record)
          return record and record.flags < 2 and (record.expires == 0 or record.expires > now)
        end

        -- Where something that passes with time is: a record ('R') or a floor ('F') of a key.
        local function mark_of(kind, place, id)
          return kind .. id .. string.char(#place.ns) .. place.ns .. place.key
        end

        local function whole(number) return string.format('%.0f', number) end

        """#

    /// Makes the content known, once.
    ///
    /// `ARGV`: prefix, an identity to take where there is none, the layout that this plugin knows.
    static let open = RedisScript(
        name: "open",
        source: #"""
            local meta = ARGV[1] .. 'meta'
            local layout = redis.call('HGET', meta, 'layout')
            if not layout then
              redis.call('HSET', meta, 'layout', ARGV[3], 'identity', ARGV[2])
            end
            return redis.call('HMGET', meta, 'layout', 'identity')
            """#)
}
